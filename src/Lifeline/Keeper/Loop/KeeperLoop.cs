using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// The keeper: one thread, one epoll. Starts and reaps, holds descriptors, keeps a monitor running, and decides nothing
/// else. A slow or broken monitor cannot hold it up; in the steady state it allocates next to nothing.
/// </summary>
internal sealed partial class KeeperLoop : IDisposable
{
    private const int MaxMessagesInARow = 64;
    private const long CollectAfterBytes = 1024 * 1024;

    private readonly KeeperOptions options;
    private readonly KeeperLog log;
    private readonly Epoll epoll = Epoll.Create();
    private readonly SignalInbox signals;
    private readonly InstanceTable instances = new();
    private readonly DescriptorTable descriptors = new();
    private readonly LauncherSource source;
    private readonly LauncherPool launchers;
    private readonly Announcer announcer;
    private readonly MonitorOrders orders;
    private readonly StopSequence stop;
    private readonly ExitWatch exits;
    private readonly byte[] buffer = new byte[KeeperProtocol.MaxMessage];
    private readonly Func<int, bool> isTracked;
    private Descriptor? runLock;
    private bool writeWatched;
    private long sweepAt;
    private long finishBy;
    private int? finishCode;
    private int? result;
    private bool collectWanted;
    private long collectedAt;
    private int releasedAfter;

    public KeeperLoop(KeeperOptions options, SelfCommand self, Descriptor? runLock, KeeperLog log, NotifyPipe notify, SignalInbox signals)
    {
        this.options = options;
        this.runLock = runLock;
        this.log = log;
        this.signals = signals;
        Notify = notify;
        Monitor = new MonitorProcess(self, options);
        source = new LauncherSource(self, runLock);
        launchers = new LauncherPool(instances, descriptors, source, epoll, log, options.IdleLaunchers, options.ContinueFrom ?? 0);
        announcer = new Announcer(instances, descriptors, launchers);
        exits = new ExitWatch(instances, epoll);
        orders = new MonitorOrders(this, instances, descriptors, launchers, exits, log);
        stop = new StopSequence(instances, log);
        isTracked = IsTracked;
    }

    public MonitorProcess Monitor { get; }

    public NotifyPipe Notify { get; }

    /// <summary>Nothing is started any more once the keeper is about to end.</summary>
    public bool AcceptsLaunches => finishCode is null && !stop.IsOnOurOwn;

    /// <summary>Runs until everything is over.</summary>
    /// <param name="adopted">The socket of a living monitor whose keeper died; null starts a monitor.</param>
    /// <returns>The exit code of the keeper.</returns>
    public int Run(UnixSocket? adopted)
    {
        long now = MonotonicClock.Nanoseconds;
        epoll.Add(signals.Ready, EpollEvents.In, EventTag.Make(EventSource.Signals));
        // Until everything is handed over a dead service would be taken for a stranger.
        sweepAt = options.ContinueFrom is null ? now : now + KeeperTiming.Nanoseconds(KeeperTiming.TakeOverGrace);
        if (adopted is null) StartMonitor(now);
        else TakeOver(adopted, now);
        Span<EpollEvent> events = stackalloc EpollEvent[64];
        while (result is null)
        {
            long planned = NextDeadline(now);
            int count = epoll.Wait(events, Timeout(planned, MonotonicClock.Nanoseconds));
            long before = now;
            now = MonotonicClock.Nanoseconds;
            if (now - planned > KeeperTiming.Nanoseconds(KeeperTiming.OwnStall)) Monitor.NoteAlive(now);
            foreach (EpollEvent one in events[..count]) Dispatch(one, now);
            CheckDeadlines(now, now - before);
            announcer.Flush();
            if (launchers.NeedsPump && AcceptsLaunches) launchers.Pump(now);
            Announce();
            GoOnAsNextProgram();
            if (count == 0 || collectWanted) CollectIfWorthwhile();
        }

        End();
        return result.Value;
    }

    /// <summary>Tells the monitor what is new, and watches for room if it does not take it.</summary>
    public void Announce()
    {
        announcer.Flush();
        if (Monitor.Channel is not { } channel || channel.Blocked == writeWatched) return;
        writeWatched = channel.Blocked;
        epoll.Modify(channel.Socket, writeWatched ? EpollEvents.In | EpollEvents.Out : EpollEvents.In, EventTag.Make(EventSource.MonitorLink));
    }

    public void Launch(Instance instance, ReadOnlySpan<byte> order, long now) => launchers.Launch(instance, order, now);

    public void Watch(Instance instance) => exits.Watch(instance);

    public void NoteReady(long now)
    {
        Monitor.BecomeReady(now);
        NoteNextMonitorReady();
        launchers.AllowIdle();
        collectWanted = true;
    }

    public void Finish(int exitCode, long now)
    {
        finishCode = exitCode;
        finishBy = now + KeeperTiming.Nanoseconds(KeeperTiming.KillGrace);
    }

    public void Identify(int pid, PidFd pidFd)
    {
        Monitor.Identify(pid, pidFd);
        epoll.Add(pidFd, EpollEvents.In, EventTag.Make(EventSource.MonitorProcess));
    }

    /// <summary>An earlier keeper was asked to stop.</summary>
    public void ResumeStop(bool isUrgent, long now)
    {
        stop.Request(now);
        if (isUrgent) stop.Request(now);
        announcer.RequestStop(isUrgent);
    }

    public void HoldLock(Descriptor owned)
    {
        runLock?.Dispose();
        runLock = owned;
        source.UseLock(owned);
    }

    public void NoteTakenOver()
    {
        if (Monitor.Channel is not { } channel) return;
        log.Write($"took over monitor {Monitor.Pid}, {instances.Living} services and {descriptors.Count} descriptors");
        announcer.Resume(channel);
        collectWanted = true;
        sweepAt = MonotonicClock.Nanoseconds;
    }

    public void SendPong()
    {
        Span<byte> frame = stackalloc byte[KeeperProtocol.HeaderSize];
        Monitor.Channel?.TrySend(LinkFrames.Plain(frame, KeeperMessageKind.Pong)); // a full socket: it hears enough from us
    }

    public void SendNotUnderstood(long requestId, KeeperMessageKind kind)
    {
        Span<byte> frame = stackalloc byte[64];
        FrameWriter writer = new(frame, KeeperMessageKind.NotUnderstood, requestId);
        writer.Int32((int)kind);
        Monitor.Channel?.TrySend(writer.Written);
    }

    public void Dispose()
    {
        descriptors.Dispose();
        for (int i = 0; i < instances.Extent; i++) instances[i].PidFd?.Dispose();
        epoll.Dispose();
        source.Dispose();
        runLock?.Dispose();
    }

    private static int Timeout(long deadline, long now) =>
        deadline <= now ? 0 : (int)Math.Min((deadline - now + 999_999) / 1_000_000, int.MaxValue);

    private void Dispatch(EpollEvent one, long now)
    {
        switch (EventTag.Source(one.Tag))
        {
            case EventSource.Instance:
                Instance instance = instances[EventTag.Index(one.Tag)];
                if (EventTag.IsEpoch(one.Tag, instance.Epoch) && instance.State == InstanceState.Living)
                    NoteEnd(exits.Note(instance, one.Events.HasFlag(EpollEvents.HangUp), now), now);

                break;
            case EventSource.MonitorLink:
                ReadMonitor(now);
                break;
            case EventSource.Launcher:
                if (launchers[EventTag.Index(one.Tag)] is { } launcher && EventTag.IsEpoch(one.Tag, launcher.Epoch)) ReadLauncher(launcher);
                break;
            case EventSource.MonitorProcess:
                NoteMonitorGone(now);
                break;
            default:
                TakeSignals(now);
                break;
        }
    }

    private void ReadLauncher(Launcher launcher)
    {
        if (launchers.Receive(launcher, MonotonicClock.Nanoseconds) is { } living) Watch(living);
        Announce();
    }

    private void NoteEnd(bool hasEnded, long now)
    {
        if (!hasEnded) return;
        Announce();
        sweepAt = Math.Min(sweepAt, now + KeeperTiming.Nanoseconds(KeeperTiming.SweepSoon));
    }

    private void TakeSignals(long now)
    {
        long arrived = signals.Take();
        if (SignalInbox.Contains(arrived, Signals.Hangup)) announcer.RequestReload();
        if (SignalInbox.Contains(arrived, Signals.Interrupt) || SignalInbox.Contains(arrived, Signals.Terminate))
        {
            stop.Request(now);
            announcer.RequestStop(stop.IsUrgent);
        }

        Announce();
    }

    private long NextDeadline(long now)
    {
        long next = sweepAt;
        if (Monitor.State == MonitorState.Down) next = AcceptsLaunches ? Math.Min(next, Monitor.RestartAt) : next;
        else next = Math.Min(next, Monitor.KillAt != 0 ? Monitor.KillAt : Monitor.AliveDeadline);
        if (Monitor.Channel is { Starved: true }) next = Math.Min(next, now + KeeperTiming.Nanoseconds(KeeperTiming.SendRetry));
        if (launchers.NextDeadline(now) is { } launch) next = Math.Min(next, launch);
        if (stop.NextDeadline(now, IsMonitorReady) is { } stopping) next = Math.Min(next, stopping);
        if (finishCode is not null) next = Math.Min(next, finishBy);
        return exits.NextDeadline() is { } awaited ? Math.Min(next, awaited) : next;
    }

    private void CheckDeadlines(long now, long elapsed)
    {
        launchers.CheckDeadlines(now);
        NoteEnd(exits.CheckDeadlines(now), now);
        WatchMonitor(now);
        if (stop.MustGoOnOurOwn(now, elapsed, IsMonitorReady))
        {
            Monitor.Kill();
            stop.GoOnOurOwn(now);
        }

        if (finishCode is not null && now >= finishBy) result ??= finishCode;
        if (stop.IsDone(now)) result ??= 1;
        if (now >= sweepAt) Sweep(now);
    }

    private void Sweep(long now)
    {
        sweepAt = now + KeeperTiming.Nanoseconds(KeeperTiming.SweepInterval);
        while (CurrentProcess.ReapOrphan(isTracked, out _))
        {
        }

        launchers.SweepGroups();
        ReleaseWhatLaunchesTouched();
    }

    // Launchers are copies of this process: what is mapped here is copied for each, and taken apart again by its exec.
    private void ReleaseWhatLaunchesTouched()
    {
        if (launchers.Started == releasedAfter || instances.Launching > 0) return;
        releasedAfter = launchers.Started;
        ReleaseFiles();
    }

    private static void ReleaseFiles()
    {
        GC.WaitForPendingFinalizers(); // no other thread runs code of the program then
        ProcessMemory.ReleaseFilePages();
        ProcessMemory.ReleaseUnwrittenData();
    }

    private bool IsTracked(int pid) => pid == Monitor.Pid || instances.IsTracked(pid);

    private void CollectIfWorthwhile()
    {
        if (!collectWanted && GC.GetTotalAllocatedBytes() - collectedAt < CollectAfterBytes) return;
        if (instances.Launching > 0) return;
        collectWanted = false;
        collectedAt = GC.GetTotalAllocatedBytes();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProcessMemory.ReleaseNativeHeap();
        ReleaseFiles();
        if (ProcessCopier.IsPossible) launchers.Renew(); // copies of what has just been given back
    }

    private void End()
    {
        Notify.Tell(result!.Value == 0 ? 1 : result.Value, "the keeper ended before the start was complete");
        launchers.Shutdown();
        stop.SignalAll(Signals.Kill);
        if (Monitor.PidFd is { } monitor) KeeperProcessHandle.KillAndWait(monitor);
        announcer.Disconnect();
        Monitor.Channel?.Dispose();
        log.Write("ended");
    }
}
