using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Terminals.</summary>
public static unsafe class Terminal
{
    private const nuint GetWindowSize = 0x5413;

    /// <summary>Whether a descriptor of this process is a terminal.</summary>
    /// <param name="number">0, 1 or 2.</param>
    public static bool IsTerminal(int number) => Libc.isatty(number) == 1;

    /// <summary>How many columns a terminal has; null if it is none or does not know.</summary>
    /// <param name="number">0, 1 or 2.</param>
    public static int? Columns(int number) => Size(number, 1);

    /// <summary>How many rows a terminal has; null if it is none or does not know.</summary>
    /// <param name="number">0, 1 or 2.</param>
    public static int? Rows(int number) => Size(number, 0);

    // struct winsize: rows, columns and two sizes in pixels.
    private static int? Size(int number, int field)
    {
        var size = stackalloc ushort[4];
        return Libc.ioctl(number, GetWindowSize, size) == 0 && size[field] > 0 ? size[field] : null;
    }
}
