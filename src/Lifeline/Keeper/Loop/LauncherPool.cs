using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// A bounded number of launchers: some kept waiting, more started when more is to be launched at once. An order that
/// finds one waiting is handed on as it came; others wait until there is one.
/// </summary>
internal sealed class LauncherPool
{
    /// <summary>Launchers at one time, waiting and working.</summary>
    public const int MaxLaunchers = 64;

    // With more of them starting at once each gets slower.
    private const int MaxWorking = 16;

    private readonly Launcher?[] entries = new Launcher?[MaxLaunchers];
    private readonly Queue<Instance> waiting = new();
    private readonly InstanceTable instances;
    private readonly DescriptorTable descriptors;
    private readonly LauncherSource source;
    private readonly Epoll epoll;
    private readonly KeeperLog log;
    private readonly int idleTarget;
    private readonly byte[] buffer = new byte[KeeperProtocol.MaxTextBytes + 1024];
    private readonly SpareGroups groups;
    private int epoch;
    private int count;
    private int working; // launchers that have their order and neither executed nor failed yet
    private long refillNotBefore;
    private bool idleAllowed;

    public LauncherPool(InstanceTable instances, DescriptorTable descriptors, LauncherSource source, Epoll epoll, KeeperLog log, int idleTarget, long firstGroup)
    {
        this.instances = instances;
        this.descriptors = descriptors;
        this.source = source;
        this.epoll = epoll;
        this.log = log;
        this.idleTarget = idleTarget;
        groups = new SpareGroups(firstGroup);
    }

    public int Extent => entries.Length;

    public Launcher? this[int index] => entries[index];

    /// <summary>Launchers ever started.</summary>
    public int Started => epoch;

    /// <summary>Something that happened may allow a waiting order to go on, or a launcher to be started.</summary>
    public bool NeedsPump => waiting.Count > 0 || (MayRefill && Spare < idleTarget);

    // A launcher that is about to become a service has the processor; and before anybody said where control groups are made
    // only those are started that somebody waits for.
    private bool MayRefill => idleAllowed && working == 0;

    private int Spare
    {
        get
        {
            int spare = 0;
            foreach (Launcher? launcher in entries)
            {
                if (launcher is { Used: false }) spare++;
            }

            return spare;
        }
    }

    /// <summary>A new monitor holds no pidfd yet.</summary>
    public void ForgetAnnouncements()
    {
        foreach (Launcher? launcher in entries)
        {
            if (launcher is not null) launcher.Announced = false;
        }
    }

    /// <summary>Launchers may wait: the monitor has said whether they get control groups, or will never say (an older one).</summary>
    public void AllowIdle() => idleAllowed = true;

    /// <summary>The monitor says where launchers make their groups (version 0: nowhere). Those who wait elsewhere are replaced.</summary>
    public void UseGroups(int version, string path, string[] furtherFolders)
    {
        groups.Use(version, path, furtherFolders);
        Replace(launcher => !groups.IsCurrent(launcher.Groups));
        AllowIdle();
    }

    /// <summary>The number of the last control group; see <see cref="SpareGroups.LastNumber"/>.</summary>
    public long LastGroup => groups.LastNumber;

    /// <summary>Launchers are started from another program from now on; those that wait are replaced.</summary>
    public void UseProgram(SelfCommand program)
    {
        source.Use(program);
        Renew();
    }

    /// <summary>Those that wait are replaced.</summary>
    public void Renew() => Replace(_ => true);

    /// <summary>Removes the groups of launchers that did not become services.</summary>
    public void SweepGroups() => groups.Sweep();

    /// <summary>Gives the order of an accepted instance to a launcher, or keeps it until there is one.</summary>
    public void Launch(Instance instance, ReadOnlySpan<byte> order, long now)
    {
        if (waiting.Count == 0 && FindFree() is { } launcher)
        {
            HandOver(launcher, instance, order, now);
            return;
        }

        instance.Order = order.ToArray();
        instances.Move(instance, InstanceState.Waiting);
        waiting.Enqueue(instance);
    }

    /// <summary>Hands out waiting orders and starts launchers. Called when nothing more urgent is to be done.</summary>
    public void Pump(long now)
    {
        while (waiting.Count > 0 && FindFree() is { } launcher)
        {
            Instance instance = waiting.Dequeue();
            byte[] order = instance.Order!;
            instance.Order = null;
            HandOver(launcher, instance, order, now);
        }

        if (now < refillNotBefore) return;
        int wanted = Math.Max(MayRefill ? idleTarget : 0, Math.Min(waiting.Count, MaxWorking));
        while (Spare < wanted && count < MaxLaunchers)
        {
            if (!Start(now)) return;
        }
    }

    public long? NextDeadline(long now)
    {
        long? next = refillNotBefore > now && NeedsPump ? refillNotBefore : null;
        foreach (Launcher? launcher in entries)
        {
            if (launcher is { Instance: not null } && (next is null || launcher.Deadline < next)) next = launcher.Deadline;
        }

        return next;
    }

    public void CheckDeadlines(long now)
    {
        foreach (Launcher? launcher in entries)
        {
            if (launcher is not { Instance: { } instance } || launcher.Deadline > now) continue;
            Fail(instance, LaunchStep.Timeout, 0, $"the launcher (pid {launcher.Pid}) did not reach exec within {KeeperTiming.LaunchTimeout.TotalSeconds} s");
            Part(launcher);
            Remove(launcher, kill: true);
        }
    }

    /// <summary>Something came from a launcher, or its socket closed.</summary>
    /// <returns>The instance that lives from now on, its pidfd taken over from the launcher.</returns>
    public Instance? Receive(Launcher launcher, long now)
    {
        while (true)
        {
            ReceivedMessage message = launcher.Socket.Receive(buffer, wait: false);
            if (message.WouldBlock) return null;
            if (message.EndOfStream) return End(launcher, now);
            FrameReader reader = new(buffer.AsSpan(0, message.Length));
            switch (reader.Kind)
            {
                case KeeperMessageKind.LauncherReady:
                    launcher.Ready = true;
                    source.NoteThere(launcher.Index);
                    break;
                case KeeperMessageKind.LauncherPreparing:
                    launcher.Deadline = now + (reader.Int64() * 1_000_000) + KeeperTiming.Nanoseconds(KeeperTiming.LaunchTimeout);
                    if (launcher.Instance is { } preparing) preparing.PreparingUnsent = true;
                    break;
                case KeeperMessageKind.LauncherExecuting:
                    launcher.Executing = true;
                    if (launcher.Instance is { } prepared && reader.HasMore) prepared.PreparedFor = reader.Int64();
                    break;
                case KeeperMessageKind.LauncherFailed:
                    NoteFailure(launcher, (LaunchStep)reader.Int32(), (Errno)reader.Int32(), reader.Text());
                    break;
                default:
                    break;
            }
        }
    }

    public bool IsTracked(int pid)
    {
        foreach (Launcher? launcher in entries)
        {
            if (launcher is not null && launcher.Pid == pid) return true;
        }

        return false;
    }

    /// <summary>Ends all launchers and waits for their death, which frees the lock of the run folder: the keeper is about to end.</summary>
    public void Shutdown()
    {
        EndAll();
        waiting.Clear();
        groups.Dissolve();
    }

    /// <summary>Ends all launchers and waits for their death; none may have an order.</summary>
    public void EndAll()
    {
        foreach (Launcher? launcher in entries) launcher?.PidFd.TrySignal(Signals.Kill);
        foreach (Launcher? launcher in entries)
        {
            if (launcher is null) continue;
            KeeperProcessHandle.KillAndWait(launcher.PidFd);
            launcher.PidFd.TryReap();
            Remove(launcher, kill: false);
        }

        groups.Sweep();
    }

    private void Replace(Predicate<Launcher> which)
    {
        foreach (Launcher? launcher in entries)
        {
            if (launcher is { Used: false } && which(launcher)) Remove(launcher, kill: true);
        }
    }

    private void Fail(Instance instance, LaunchStep step, Errno error, string text)
    {
        instance.Step = step;
        instance.Error = error;
        instance.Text = text;
        instances.Move(instance, InstanceState.Failed);
    }

    private void NoteFailure(Launcher launcher, LaunchStep step, Errno error, string text)
    {
        if (launcher.Instance is { } instance)
        {
            Fail(instance, step, error, text);
            Part(launcher);
            return;
        }

        // It could not even begin to wait: the next would not either, so nobody is left waiting for it.
        launcher.IsUnfit = true;
        launcher.PidFd.TrySignal(Signals.Kill);
        log.Write($"the launcher (pid {launcher.Pid}) cannot wait for an order: {text}");
        while (waiting.TryDequeue(out Instance? unlucky)) Fail(unlucky, step, error, text);
    }

    private void Part(Launcher launcher)
    {
        launcher.Instance = null;
        working--;
    }

    private Launcher? FindFree()
    {
        Launcher? starting = null;
        foreach (Launcher? launcher in entries)
        {
            if (launcher is not { Announced: true, Used: false, IsUnfit: false }) continue;
            if (launcher.Ready) return launcher;
            starting ??= launcher;
        }

        return starting;
    }

    private void HandOver(Launcher launcher, Instance instance, ReadOnlySpan<byte> order, long now)
    {
        launcher.Used = true;
        try
        {
            Descriptor[] attached = descriptors.FindFor(order);
            if (launcher.Socket.Send(order, attached, wait: false) < 0) throw new KeeperProtocolException("the launcher's socket is full");
            Assign(launcher, instance, now);
        }
        catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET)
        {
            // It has just ended: why is in its socket, and told when that is read.
            Assign(launcher, instance, now);
        }
        catch (KeeperProtocolException e)
        {
            Fail(instance, LaunchStep.Order, 0, e.Message);
            Remove(launcher, kill: true);
        }
        catch (LinuxException e)
        {
            Fail(instance, LaunchStep.Launcher, e.Errno, $"the order could not be given to the launcher (pid {launcher.Pid}): {e.Message}");
            Remove(launcher, kill: true);
        }
    }

    private void Assign(Launcher launcher, Instance instance, long now)
    {
        launcher.Instance = instance;
        instance.Group = launcher.Group;
        working++;
        launcher.Deadline = now + KeeperTiming.Nanoseconds(KeeperTiming.LaunchTimeout);
        instances.Move(instance, InstanceState.Launching);
    }

    private bool Start(long now)
    {
        int index = Array.IndexOf(entries, null);
        try
        {
            Launcher launcher = source.Start(index, ++epoch, groups);
            entries[index] = launcher;
            count++;
            epoll.Add(launcher.Socket, EpollEvents.In, EventTag.Make(EventSource.Launcher, index, launcher.Epoch));
            return true;
        }
        catch (LinuxException e)
        {
            log.Write($"a launcher could not be started: {e.Message}");
            refillNotBefore = now + KeeperTiming.Nanoseconds(KeeperTiming.RestartMaximum);
            while (waiting.TryDequeue(out Instance? instance))
                Fail(instance, LaunchStep.Launcher, e.Errno, $"a launcher could not be started: {e.Message}");

            return false;
        }
    }

    private Instance? End(Launcher launcher, long now)
    {
        if (launcher.Instance is not { } instance)
        {
            if (!launcher.Used)
            {
                log.Write($"the launcher (pid {launcher.Pid}) ended before it was used");
                refillNotBefore = now + KeeperTiming.Nanoseconds(KeeperTiming.RestartInitial);
            }

            Remove(launcher, kill: false);
            return null;
        }

        if (!launcher.Executing)
        {
            Fail(instance, LaunchStep.Launcher, 0, $"the launcher (pid {launcher.Pid}) died before its exec");
            Part(launcher);
            Remove(launcher, kill: false);
            return null;
        }

        instance.ExecAt = now;
        instance.Pid = launcher.Pid;
        instance.StartTime = launcher.StartTime;
        instance.PidFd = launcher.PidFd;
        instance.IsChild = true;
        instances.Move(instance, InstanceState.Living);
        Part(launcher);
        Forget(launcher);
        return instance;
    }

    private void Remove(Launcher launcher, bool kill)
    {
        if (kill) launcher.PidFd.TrySignal(Signals.Kill);
        Forget(launcher);
        launcher.PidFd.Dispose();
        groups.Retire(launcher.Groups);
    }

    private void Forget(Launcher launcher)
    {
        if (!launcher.Ready) source.NoteThere(launcher.Index);
        epoll.Remove(launcher.Socket);
        launcher.Socket.Dispose();
        entries[launcher.Index] = null;
        count--;
    }
}
