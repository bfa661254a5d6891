using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>Looks at processes from outside, through /proc and signals.</summary>
internal static partial class Processes
{
    public const int Term = 15;
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Killed = 9;
    public const int Stop = 19;
    public const int Continue = 18;

    public static void Kill(int pid, int signal = Killed) => _ = SendSignal(pid, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);

    /// <summary>False for the dead and for zombies, which only wait to be reaped.</summary>
    public static bool IsAlive(int pid)
    {
        var stat = Daemon.ReadIfThere($"/proc/{pid}/stat");
        var end = stat.LastIndexOf(')');
        return end > 0 && stat[end + 2] is not ('Z' or 'X');
    }

    public static long ResidentBytes(int pid) =>
        Daemon.ReadIfThere($"/proc/{pid}/statm").Split(' ') is [_, var pages, ..] ? long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;

    public static Task GoneAsync(int pid) => Eventually.TrueAsync(() => !IsAlive(pid), $"Process {pid} still lives: {CommandLine(pid)}");

    public static IEnumerable<int> WithEnvironment(string text) => All().Where(pid => Contains($"/proc/{pid}/environ", text) || Contains($"/proc/{pid}/cmdline", text));

    public static IEnumerable<int> WithCommand(string text) => All().Where(pid => IsAlive(pid) && CommandLine(pid).Contains(text, StringComparison.Ordinal));

    public static string CommandLine(int pid) => ReadBytes($"/proc/{pid}/cmdline").Replace('\0', ' ');

    private static IEnumerable<int> All() =>
        Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid != 0 && pid != Environment.ProcessId);

    private static bool Contains(string file, string text) => ReadBytes(file).Contains(text, StringComparison.Ordinal);

    private static string ReadBytes(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
