using System.Globalization;
using System.Text;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// The few lines of the keeper (<c>keeper.log</c>) or the monitor (<c>monitor.log</c>): to standard error and to that file in the run
/// folder, which holds at most <see cref="MaxBytes"/> and then begins anew with the older half in <c>….log.1</c>. Never waits: what standard
/// error does not take at once is left out there. Thread-safe.
/// </summary>
internal sealed class KeeperLog : IDisposable
{
    /// <summary>Size of the file at which it is renamed.</summary>
    public const long MaxBytes = 256 * 1024;

    private readonly Lock gate = new(); // guards file and size, and keeps lines whole
    private readonly string path;
    private readonly string name;
    private readonly TimeProvider clock;
    private readonly Descriptor? terminal;
    private FileStream? file;
    private long size;

    /// <param name="runDirectory">The folder of the file.</param>
    /// <param name="clock">For the time of each line.</param>
    /// <param name="name">Who writes: keeper or monitor.</param>
    public KeeperLog(string runDirectory, TimeProvider clock, string name = "keeper")
    {
        this.name = name;
        path = Path.Combine(runDirectory, name + ".log");
        this.clock = clock;
        terminal = TryOpenStandardError();
        Open();
    }

    public void Write(string text)
    {
        string line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {name}: {text}\n");
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        lock (gate)
        {
            WriteTerminal(Encoding.UTF8.GetBytes($"lifeline: {text}\n"));
            WriteFile(bytes);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            file?.Dispose();
            file = null;
            terminal?.Dispose();
        }
    }

    // Opened again instead of set non-blocking: the mode belongs to the open file, which the shell shares.
    private static Descriptor? TryOpenStandardError()
    {
        try
        {
            return Descriptor.Open("/proc/self/fd/2", OpenFlags.Write | OpenFlags.Append | OpenFlags.NonBlocking);
        }
        catch (LinuxException)
        {
            return null; // a socket or nothing at all: the file has the lines
        }
    }

    private void Open()
    {
        try
        {
            file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            size = file.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file = null; // a full or read-only run folder must not keep services from running
        }
    }

    private void WriteTerminal(byte[] line)
    {
        try
        {
            terminal?.Write(line);
        }
        catch (LinuxException)
        {
            // EAGAIN, EPIPE or a vanished terminal: the file has the line.
        }
    }

    private void WriteFile(byte[] line)
    {
        if (file is null) return;
        try
        {
            if (size + line.Length > MaxBytes)
            {
                file.Dispose();
                File.Move(path, path + ".1", overwrite: true);
                Open();
            }

            file?.Write(line);
            size += line.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk: the line is lost, the services go on.
        }
    }
}
