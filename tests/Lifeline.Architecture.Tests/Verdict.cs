namespace Lifeline.Architecture.Tests;

internal static class Verdict
{
    /// <summary>Asserts that a rule found nothing; otherwise says everything that it found.</summary>
    internal static void Clean(IEnumerable<string> found)
    {
        string[] lines = [.. found];
        Assert.True(lines.Length == 0, $"{lines.Length} found:\n" + string.Join('\n', lines));
    }

    /// <summary>Asserts that a rule found something in which all of <paramref name="words"/> occur.</summary>
    internal static void Finds(IEnumerable<string> found, params string[] words)
    {
        string[] lines = [.. found];
        Assert.True(
            Array.Exists(lines, l => Array.TrueForAll(words, w => l.Contains(w, StringComparison.Ordinal))),
            $"Nothing found about {string.Join(" + ", words)}, only:\n" + string.Join('\n', lines));
    }
}
