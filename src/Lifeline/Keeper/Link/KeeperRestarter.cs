using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Starts another keeper for a monitor whose keeper died. Before that, everything the dead keeper had begun and not
/// announced is ended, so that no instance can come to life that nobody knows of.
/// </summary>
internal sealed class KeeperRestarter : IDisposable
{
    private readonly SelfCommand self;
    private readonly KeeperOptions options;
    private readonly Action<string> log;
    private Descriptor? runLock;
    private long startedAt;
    private int failures;

    /// <param name="self">The executable whose <c>__keeper</c> is started.</param>
    /// <param name="options">What the dead keeper was started with.</param>
    /// <param name="log">Where a failed attempt is told; called on the link's thread.</param>
    public KeeperRestarter(SelfCommand self, KeeperOptions options, Action<string> log)
    {
        this.self = self;
        this.options = options;
        this.log = log;
        AliveTimeout = options.AliveTimeout;
    }

    /// <summary>A keeper that gives no sign of life for so long is replaced.</summary>
    public TimeSpan AliveTimeout { get; init; }

    /// <summary>Takes the lock of the run folder that the keeper left for this process, to hand it on to each new keeper.</summary>
    public void TakeInheritedLock() => runLock = RunFolder.TryTakeInheritedLock(options.RunDirectory);

    /// <summary>Takes a lock that was got in another way. Owned from now on.</summary>
    public void HoldLock(Descriptor owned) => runLock = owned;

    public void Dispose() => runLock?.Dispose();

    /// <summary>
    /// Makes sure that the old keeper is dead, and kills launchers that were not yet known to have become services, with whatever
    /// is in their control groups: one may have executed, and its program started others, just before.
    /// </summary>
    /// <returns>Paths of the groups that could not be emptied.</returns>
    public static List<string> EndUnfinished(
        KeeperProcessHandle? keeper, IReadOnlyList<(PidFd PidFd, string? Group)> launchers, GroupPlace? folder)
    {
        keeper?.End();
        foreach ((PidFd launcher, _) in launchers) launcher.TrySignal(Signals.Kill);
        foreach ((PidFd launcher, _) in launchers) KeeperProcessHandle.KillAndWait(launcher);
        List<string> left = [];
        if (folder is not { Version: 1 or 2 } known) return left;
        ControlGroupRoot root = ControlGroupRoot.Reopen((ControlGroupVersion)known.Version, known.Path);
        foreach ((_, string? path) in launchers)
        {
            if (path is not null && !root.Of(path).End(KeeperTiming.KillGrace)) left.Add(path);
        }

        return left;
    }

    /// <summary>Starts a keeper, again and again with growing delays until one could be started.</summary>
    /// <param name="wake">Signalled when <paramref name="isOver"/> may have changed.</param>
    /// <param name="isOver">True: give up and return null.</param>
    public (UnixSocket Socket, KeeperProcessHandle Keeper)? Start(EventFd wake, Func<bool> isOver)
    {
        while (true)
        {
            long sinceLast = MonotonicClock.Nanoseconds - startedAt;
            failures = startedAt != 0 && sinceLast < KeeperTiming.Nanoseconds(KeeperTiming.RestartReset) ? failures + 1 : 0;
            Pause(wake, isOver, RestartDelay.Nanoseconds(failures));
            if (isOver()) return null;
            startedAt = MonotonicClock.Nanoseconds;
            try
            {
                return StartOnce();
            }
            catch (LinuxException e)
            {
                log($"a new keeper could not be started, trying again: {e.Message}");
            }
        }
    }

    /// <summary>Says to a new keeper who its monitor is and whether a stop was asked for, and gives it the lock.</summary>
    public void Introduce(MessageOutbox outbox, StopRequestedMessage? stop)
    {
        Span<byte> buffer = stackalloc byte[64];
        using PidFd ourselves = PidFd.Open(CurrentProcess.Id);
        ReadOnlySpan<byte> frame = LinkFrames.TakeOver(buffer, CurrentProcess.Id, stop);
        if (runLock is null) outbox.Add(frame, ourselves);
        else outbox.Add(frame, ourselves, runLock);
    }

    private (UnixSocket Socket, KeeperProcessHandle Keeper) StartOnce()
    {
        (UnixSocket ours, UnixSocket theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using (theirs)
        {
            try
            {
                List<string> rest = options.ToArguments();
                rest.AddRange(["--adopt-fd", "3"]);
                // The lock goes along from the first moment: a keeper whose monitor dies before it said a word must not run without it.
                SpawnedProcess started = runLock is null
                    ? Child.Spawn(self.Path, self.Arguments(SelfCommand.Keeper, rest), options.Foreground, (theirs, KeeperProtocol.LinkDescriptor))
                    : Child.Spawn(self.Path, self.Arguments(SelfCommand.Keeper, rest), options.Foreground, (theirs, KeeperProtocol.LinkDescriptor), (runLock, KeeperProtocol.LockDescriptor));
                return (ours, new KeeperProcessHandle(started.Pid, started.PidFd, isChild: true));
            }
            catch
            {
                ours.Dispose();
                throw;
            }
        }
    }

    private static void Pause(EventFd wake, Func<bool> isOver, long delayNanoseconds)
    {
        long until = MonotonicClock.Nanoseconds + delayNanoseconds;
        for (long left = until - MonotonicClock.Nanoseconds; left > 0 && !isOver(); left = until - MonotonicClock.Nanoseconds)
        {
            if (Poller.IsReady(wake, PollEvents.In, (int)(left / 1_000_000) + 1)) wake.Drain();
        }
    }
}
