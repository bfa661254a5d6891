using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Terminals.</summary>
public static class Terminal
{
    /// <summary>Whether a descriptor of this process is a terminal.</summary>
    /// <param name="number">0, 1 or 2.</param>
    public static bool IsTerminal(int number) => Libc.isatty(number) == 1;
}
