using System.Collections.Frozen;
using System.Globalization;

namespace Lifeline.Configuration;

/// <summary>Linux signals by name (with or without SIG, any case), by number, and as RTMIN+n.</summary>
internal static class SignalNames
{
    public const int Kill = 9;
    public const int Stop = 19;
    public const int Maximum = 64;

    // As the C library has it: the first two of the kernel's real-time signals are its own.
    private const int RealTimeMinimum = 34;

    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private static readonly FrozenDictionary<string, int> Numbers =
        Names.Index().Skip(1).ToFrozenDictionary(pair => pair.Item, pair => pair.Index, StringComparer.OrdinalIgnoreCase);

    /// <summary>All names, without SIG.</summary>
    public static IEnumerable<string> All => Names.Skip(1);

    public static int? TryParse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number is >= 1 and <= Maximum ? number : null;
        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (Numbers.TryGetValue(name, out number)) return number;
        if (!name.StartsWith("RTMIN", StringComparison.OrdinalIgnoreCase)) return null;
        if (name.Length == 5) return RealTimeMinimum;
        return name[5] == '+' && int.TryParse(name.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= Maximum - RealTimeMinimum ? RealTimeMinimum + number : null;
    }

    /// <summary>"SIGTERM", "SIGRTMIN+1", or the bare number if it has no name.</summary>
    public static string Format(int signal) => signal switch
    {
        > 0 when signal < Names.Length => "SIG" + Names[signal],
        RealTimeMinimum => "SIGRTMIN",
        > RealTimeMinimum and <= Maximum => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{signal - RealTimeMinimum}"),
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };
}
