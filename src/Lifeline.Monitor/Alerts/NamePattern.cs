namespace Lifeline.Monitor;

/// <summary>Patterns of service names: <c>*</c> any text, <c>?</c> any character, <c>[a-c]</c> and <c>[!a-c]</c> one of a set.</summary>
public static class NamePattern
{
    /// <summary>Whether a name matches. Linear in pattern times name: a star is only ever retried at the last one.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, afterStar = -1, starred = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                afterStar = ++p;
                starred = n;
            }
            else if (p < pattern.Length && MatchesOne(pattern[p..], name[n], out var length))
            {
                p += length;
                n++;
            }
            else if (afterStar >= 0)
            {
                p = afterStar;
                n = ++starred;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, char c, out int length)
    {
        length = 1;
        if (pattern[0] == '?') return true;
        var end = pattern[0] == '[' ? pattern.IndexOf(']') : -1;
        if (end < 2) return pattern[0] == c;
        length = end + 1;
        var set = pattern[1..end];
        var negated = set[0] == '!';
        return IsIn(negated ? set[1..] : set, c) != negated;
    }

    private static bool IsIn(ReadOnlySpan<char> set, char c)
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
