using System.Globalization;
using System.Text;

namespace Lifeline.Linux;

/// <summary>
/// Where the kernel looks for the command line of this process, which ps and /proc/PID/cmdline show. A copy made by <see cref="ProcessCopier"/> has that of its
/// parent, until it writes another one there.
/// </summary>
public sealed unsafe class CommandLineArea
{
    // Fields 48 and 49 of proc_pid_stat(5), counted from the third, which follows the name.
    private const int StartField = 45;
    private const int EndField = 46;

    private readonly byte* _start;
    private readonly int _length;

    private CommandLineArea(nuint start, nuint end)
    {
        _start = (byte*)start;
        _length = (int)(end - start);
    }

    /// <summary>Finds it; null without /proc.</summary>
    public static CommandLineArea? Find()
    {
        if (ProcFs.TryReadText("/proc/self/stat") is not { } text)
            return null;
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > EndField
            && nuint.TryParse(fields[StartField], CultureInfo.InvariantCulture, out var start)
            && nuint.TryParse(fields[EndField], CultureInfo.InvariantCulture, out var end)
            && start != 0 && end > start && end - start <= int.MaxValue
            ? new CommandLineArea(start, end)
            : null;
    }

    /// <summary>Shows other arguments from now on. What does not fit is cut off: there is as much room as the process's own arguments took.</summary>
    /// <param name="arguments">The name of the program first.</param>
    public void Show(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        var bytes = Encoding.UTF8.GetBytes(string.Join('\0', arguments));
        var area = new Span<byte>(_start, _length);
        area.Clear();
        // The last byte stays 0: else the kernel takes what lies behind for more of it.
        bytes.AsSpan(0, Math.Min(bytes.Length, _length - 1)).CopyTo(area);
    }
}
