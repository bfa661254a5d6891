using System.Globalization;

namespace Lifeline.Linux;

/// <summary>Signals by number and by name.</summary>
public static class Signals
{
    /// <summary>Reload.</summary>
    public const int Hangup = 1;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupt = 2;

    /// <summary>Cannot be caught.</summary>
    public const int Kill = 9;

    /// <summary>A polite request to end.</summary>
    public const int Terminate = 15;

    /// <summary>The largest number.</summary>
    public const int Max = 64;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The name without SIG, or the number for real-time signals.</summary>
    /// <param name="signal">The number.</param>
    public static string NameOf(int signal) =>
        signal > 0 && signal < Names.Length ? Names[signal] : signal.ToString(CultureInfo.InvariantCulture);

    /// <summary>Understands <c>TERM</c>, <c>SIGTERM</c>, <c>term</c> and <c>15</c>.</summary>
    /// <param name="text">The name or number.</param>
    /// <returns>The number; null if there is no such signal.</returns>
    public static int? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= Max ? number : null;
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        var index = Array.FindIndex(Names, n => n.Length > 0 && n.Equals(name, StringComparison.OrdinalIgnoreCase));
        return index > 0 ? index : null;
    }

    /// <summary>All names, for help texts and completion.</summary>
    public static IEnumerable<string> AllNames => Names.Skip(1);
}
