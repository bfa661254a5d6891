namespace Lifeline.Configuration;

/// <summary>Finds what was probably meant by a misspelt name.</summary>
internal static class NearestName
{
    // Longer names are not compared: the work is quadratic in the length.
    private const int MaximumLength = 80;

    /// <summary>The candidate with the fewest changes, or null if none is near (a third of the length, at least one change).</summary>
    public static string? Find(string name, IEnumerable<string> candidates)
    {
        if (name.Length is 0 or > MaximumLength) return null;
        var limit = Math.Max(1, name.Length / 3);
        string? best = null;
        foreach (var candidate in candidates)
        {
            if (candidate.Length > MaximumLength || candidate == name) continue;
            var distance = Distance(Fold(name), Fold(candidate));
            if (distance > limit || (best is not null && distance >= limit)) continue;
            (best, limit) = (candidate, distance);
        }
        return best;
    }

    /// <summary>"did you mean …?", or null.</summary>
    public static string? Hint(string name, IEnumerable<string> candidates) =>
        Find(name, candidates) is { } nearest ? $"did you mean \"{nearest}\"?" : null;

    // Case and the choice of dash or underscore are the commonest slips and count as none.
    private static string Fold(string name) => name.ToLowerInvariant().Replace('-', '_');

    /// <summary>Insertions, deletions, replacements, and swaps of neighbours.</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = Math.Min(best, rows[i - 2, j - 2] + 1);
                rows[i, j] = best;
            }
        }
        return rows[a.Length, b.Length];
    }
}
