using System.Text;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Runs a user's command to its end, within its time, and keeps the end of what it says. Blocks its thread.</summary>
internal sealed class CommandRunner(TimeProvider time)
{
    /// <summary>Bytes of output that are kept, from its end.</summary>
    public const int MaxOutput = 4096;

    private const string MarkerName = "LIFELINE_COMMAND_ID";
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(5);

    public CommandResult Run(CommandOrder order, CancellationToken cancellation = default)
    {
        var marker = Guid.NewGuid().ToString("N");
        var (inputRead, inputWrite) = Pipe.Create();
        var (outputRead, outputWrite) = Pipe.Create();
        using var input = inputWrite;
        using var output = outputRead;
        SpawnedProcess process;
        try
        {
            process = Start(order, marker, inputRead, outputWrite);
        }
        catch (LinuxException e)
        {
            return new CommandResult { StartError = e.Message };
        }
        finally
        {
            inputRead.Dispose();
            outputWrite.Dispose();
        }

        using (process)
        {
            using var stop = cancellation.Register(() => process.PidFd.TrySignal(Signals.Kill));
            return Follow(process, order, marker, input, output, cancellation);
        }
    }

    private CommandResult Follow(
        SpawnedProcess process, CommandOrder order, string marker, Descriptor input, Descriptor output, CancellationToken cancellation)
    {
        var started = ProcFs.TryReadStat(process.Pid)?.StartTimeTicks ?? 0;
        var said = new TailBuffer(MaxOutput);
        input.SetNonBlocking(true);
        output.SetNonBlocking(true);
        var inTime = Attend(process.PidFd, order, input, output, said);
        if (!inTime || cancellation.IsCancellationRequested)
            KillTree(process, started, marker);
        ReadAll(output, said);
        var exit = process.PidFd.TryReap();
        return new CommandResult { Exit = exit, Exceeded = inTime ? null : order.Timeout, Output = said.ToString() };
    }

    /// <summary>Feeds and listens until the process ends; false if its time is over first.</summary>
    private bool Attend(PidFd process, CommandOrder order, Descriptor input, Descriptor output, TailBuffer said)
    {
        var deadline = time.GetTimestamp() + (long)(order.Timeout.TotalSeconds * time.TimestampFrequency);
        var feed = order.Input;
        Descriptor? feeding = input;
        Descriptor? listening = output;
        Span<PollItem> items = [default, default, default];
        while (true)
        {
            if (feeding is not null && feed.IsEmpty)
            {
                feeding.Dispose();
                feeding = null;
            }

            items[0] = new PollItem(process, PollEvents.In);
            items[1] = new PollItem { Descriptor = listening, Events = PollEvents.In };
            items[2] = new PollItem { Descriptor = feeding, Events = PollEvents.Out };
            var left = (deadline - time.GetTimestamp()) * 1000 / time.TimestampFrequency;
            if (left <= 0)
                return process.HasExited;
            Poller.Poll(items, (int)Math.Min(left + 1, int.MaxValue));
            if (items[0].Returned != 0)
                return true;
            if (items[1].Returned != 0 && !said.ReadFrom(output))
                listening = null;
            if (items[2].Returned != 0)
                feed = Feed(input, feed);
        }
    }

    private static ReadOnlyMemory<byte> Feed(Descriptor input, ReadOnlyMemory<byte> feed)
    {
        try
        {
            var written = input.Write(feed.Span);
            return written > 0 ? feed[written..] : feed;
        }
        catch (LinuxException e) when (e.Errno == Errno.EPIPE)
        {
            // It does not want to read it.
            return default;
        }
    }

    private static void ReadAll(Descriptor output, TailBuffer said)
    {
        // Bounded: something it left behind may hold the pipe and go on writing.
        const int MaxReads = 64;
        for (var i = 0; i < MaxReads && said.ReadFrom(output) && Poller.IsReady(output, PollEvents.In); i++)
        {
        }
    }

    private void KillTree(SpawnedProcess process, long startTicks, string marker)
    {
        var tree = new ProcessTree { MainPid = process.Pid, MainStartTicks = startTicks, Marker = [new(MarkerName, marker)] };
        new ProcessTreeReclaimer(time).Empty(tree, KillTimeout, new ReclaimReport());
        Poller.IsReady(process.PidFd, PollEvents.In, (int)KillTimeout.TotalMilliseconds);
    }

    private static SpawnedProcess Start(CommandOrder order, string marker, Descriptor input, Descriptor output) =>
        ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = Find(order),
            Arguments = order.Command,
            Environment = [.. order.Environment.Select(p => $"{p.Key}={p.Value}"), $"{MarkerName}={marker}"],
            WorkingDirectory = order.WorkingDirectory,
            Descriptors = [(input, 0), (output, 1), (output, 2)],
        });

    private static string Find(CommandOrder order)
    {
        var program = order.Command[0];
        if (program.Contains('/', StringComparison.Ordinal))
            return program;
        var path = order.Environment.GetValueOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        foreach (var folder in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            var candidate = Path.Combine(folder, program);
            if (FileStatus.TryOf(candidate) is { Kind: FileKind.Regular } file && (file.Mode & AnyExecute) != 0)
                return candidate;
        }

        throw new LinuxException($"search \"{program}\" in PATH={path}", Errno.ENOENT);
    }

    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Keeps the end of what is read.</summary>
    private sealed class TailBuffer(int size)
    {
        private readonly byte[] _buffer = new byte[size * 2];
        private int _length;

        /// <summary>Reads once; false at the end or when there is nothing.</summary>
        public bool ReadFrom(Descriptor source)
        {
            if (_length > size)
            {
                _buffer.AsSpan(_length - size, size).CopyTo(_buffer);
                _length = size;
            }

            var count = source.Read(_buffer.AsSpan(_length));
            _length += Math.Max(count, 0);
            return count > 0;
        }

        public override string ToString()
        {
            var from = Math.Max(0, _length - size);
            return Encoding.UTF8.GetString(_buffer, from, _length - from);
        }
    }
}
