using Lifeline.Linux;

namespace Lifeline.Bench.Running;

/// <summary>Says on standard error what is going on: on a terminal in one line that is written over, elsewhere only what is new.</summary>
internal static class Progress
{
    private static readonly bool s_seen = Terminal.IsTerminal(2);
    private static string? s_last;

    /// <param name="what">The step of the whole.</param>
    /// <param name="detail">Who is at it, for those who look.</param>
    internal static void Show(string what, string detail)
    {
        if (s_seen)
            Console.Error.Write($"\r\x1b[K{what}: {detail}");
        else if (what != s_last)
            Console.Error.WriteLine(what);
        s_last = what;
    }

    internal static void Clear()
    {
        if (s_seen)
            Console.Error.Write("\r\x1b[K");
    }
}
