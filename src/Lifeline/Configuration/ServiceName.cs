namespace Lifeline.Configuration;

/// <summary>Names of services and alerts.</summary>
internal static class ServiceName
{
    public const int MaximumLength = 64;

    public const string Rule = "a name is 1 to 64 letters, digits, \"_\" and \"-\"";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= MaximumLength && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
