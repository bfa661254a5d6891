namespace Lifeline.Monitor;

/// <summary>Shell patterns within one name: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>. A pattern never matches a slash.</summary>
public static class NamePattern
{
    /// <summary>Whether a name matches. Linear in pattern times name: a star is only ever retried at the last one.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, starPattern = -1, starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starName = n;
            }
            else if (p < pattern.Length && MatchOne(pattern[p..], name[n], out var consumed))
            {
                p += consumed;
                n++;
            }
            else if (starPattern >= 0)
            {
                p = starPattern;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }
        return pattern[p..].Trim('*').IsEmpty;
    }

    private static bool MatchOne(ReadOnlySpan<char> pattern, char c, out int consumed)
    {
        consumed = 1;
        if (pattern[0] == '?') return c != '/';
        if (pattern[0] != '[') return pattern[0] == c;
        var end = pattern.Length > 2 ? pattern[2..].IndexOf(']') : -1;
        if (end < 0) return c == '[';
        consumed = end + 3;
        var set = pattern[1..(end + 2)];
        var negated = set.Length > 1 && set[0] is '!' or '^';
        return c != '/' && Contains(negated ? set[1..] : set, c) != negated;
    }

    private static bool Contains(ReadOnlySpan<char> set, char c)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (c >= set[i] && c <= set[i + 2]) return true;
                i += 2;
            }
            else if (set[i] == c)
            {
                return true;
            }
        }
        return false;
    }
}
