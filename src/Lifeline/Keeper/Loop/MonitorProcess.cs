using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>How far the monitor is.</summary>
internal enum MonitorState
{
    /// <summary>There is none; <see cref="MonitorProcess.RestartAt"/> says when the next is started.</summary>
    Down,

    /// <summary>Started, not ready.</summary>
    Starting,

    /// <summary>It serves.</summary>
    Ready,
}

/// <summary>The monitor: started, watched, replaced. Knows no descriptors but its own and the link.</summary>
internal sealed class MonitorProcess
{
    private readonly KeeperOptions options;
    private readonly long aliveTimeout;
    private long readyAt;
    private long lastAlive;
    private int failures;

    public MonitorProcess(SelfCommand self, KeeperOptions options)
    {
        Self = self;
        this.options = options;
        aliveTimeout = KeeperTiming.Nanoseconds(options.AliveTimeout);
    }

    /// <summary>The program; another one after an upgrade.</summary>
    public SelfCommand Self { get; set; }

    public MonitorState State { get; private set; }

    public MonitorChannel? Channel { get; private set; }

    public PidFd? PidFd { get; private set; }

    public int Pid { get; private set; }

    /// <summary>How many were started.</summary>
    public int Starts { get; private set; }

    /// <summary>One was ready, or a living one was taken over.</summary>
    public bool EverReady { get; private set; }

    /// <summary>When the next is started.</summary>
    public long RestartAt { get; private set; }

    /// <summary>When it is killed because its link is closed; 0 if it is not.</summary>
    public long KillAt { get; private set; }

    /// <summary>Why it cannot start, in its own words.</summary>
    public string StartFailure { get; set; } = "";

    /// <summary>When it is killed because it gave no sign of life.</summary>
    public long AliveDeadline => lastAlive + aliveTimeout;

    /// <summary>An end, for the log.</summary>
    public static string Describe(ExitStatus? exit) => exit switch
    {
        { ExitCode: { } code } => $"exit code {code}",
        { Signal: { } signal } => $"signal {Signals.NameOf(signal)}",
        _ => "nobody knows how",
    };

    /// <exception cref="LinuxException">It could not be started.</exception>
    public void Start(Descriptor? runLock, long now)
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                SpawnedProcess started = runLock is null
                    ? Child.Spawn(Program, Arguments, options.Foreground, (theirs, KeeperProtocol.LinkDescriptor))
                    : Child.Spawn(Program, Arguments, options.Foreground, (theirs, KeeperProtocol.LinkDescriptor), (runLock, KeeperProtocol.LockDescriptor));
                Take(started.Pid, started.PidFd, new MonitorChannel(ours), now);
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }

        Starts++;
        StartFailure = "";
    }

    /// <summary>A living monitor whose keeper died gave us its socket; who it is, it says later.</summary>
    public void TakeOver(MonitorChannel channel, long now)
    {
        Channel = channel;
        State = MonitorState.Ready;
        EverReady = true;
        readyAt = lastAlive = now;
    }

    /// <summary>Who the monitor is that we took over.</summary>
    public void Identify(int pid, PidFd pidFd)
    {
        PidFd?.Dispose();
        Pid = pid;
        PidFd = pidFd;
    }

    public void BecomeReady(long now)
    {
        if (State != MonitorState.Starting) return;
        State = MonitorState.Ready;
        EverReady = true;
        readyAt = lastAlive = now;
    }

    public void NoteAlive(long now) => lastAlive = now;

    /// <summary>The link is gone: the process is expected to follow.</summary>
    public void CloseLink(long now)
    {
        Channel?.Dispose();
        Channel = null;
        KillAt = now + KeeperTiming.Nanoseconds(KeeperTiming.LinkClosedGrace);
    }

    public void Kill()
    {
        KillAt = 0;
        PidFd?.TrySignal(Signals.Kill);
    }

    /// <summary>The process is gone: sets when the next is started.</summary>
    /// <returns>The delay in nanoseconds.</returns>
    public long NoteGone(long now)
    {
        bool earned = readyAt != 0 && now - readyAt >= KeeperTiming.Nanoseconds(KeeperTiming.RestartReset);
        if (earned) failures = 0;
        long delay = RestartDelay.Nanoseconds(failures++);
        RestartAt = now + delay;
        State = MonitorState.Down;
        Channel?.Dispose();
        Channel = null;
        PidFd?.Dispose();
        PidFd = null;
        Pid = 0;
        KillAt = readyAt = 0;
        return delay;
    }

    /// <summary>It could not even be started.</summary>
    public void NoteStartFailed(long now) => NoteGone(now);

    private string Program => options.MonitorCommand.Count > 0 ? options.MonitorCommand[0] : Self.Path;

    private List<string> Arguments => options.MonitorCommand.Count > 0
        ? [.. options.MonitorCommand.Skip(1)]
        : Self.Arguments(SelfCommand.Monitor, options.ToArguments());

    private void Take(int pid, PidFd pidFd, MonitorChannel channel, long now)
    {
        Pid = pid;
        PidFd = pidFd;
        Channel = channel;
        State = MonitorState.Starting;
        lastAlive = now;
        KillAt = readyAt = 0;
    }
}
