using Lifeline.Linux;

namespace Lifeline.Bench.Running;

/// <summary>Says on the terminal what is going on; one line that is written over. Nothing where nobody looks.</summary>
internal static class Progress
{
    private static readonly bool s_seen = Terminal.IsTerminal(2);

    internal static void Show(string text)
    {
        if (s_seen)
            Console.Error.Write($"\r\x1b[K{text}");
    }

    internal static void Clear()
    {
        if (s_seen)
            Console.Error.Write("\r\x1b[K");
    }
}
