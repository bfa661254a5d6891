using Lifeline.Monitor;

namespace Lifeline.Configuration;

/// <summary>Shell patterns within one name: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>. A pattern never matches a slash.</summary>
internal static class Glob
{
    public static bool HasWildcard(string pattern) => pattern.AsSpan().IndexOfAny("*?[") >= 0;

    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => NamePattern.Matches(pattern, name);
}
