using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Tells the connected monitor what it does not know yet. Nothing is queued: what has to be said follows from the tables
/// and their flags, so a monitor that does not read costs no memory, and a new one gets everything.
/// </summary>
internal sealed class Announcer
{
    private readonly InstanceTable instances;
    private readonly DescriptorTable descriptors;
    private readonly LauncherPool launchers;
    private readonly byte[] buffer = new byte[KeeperProtocol.MaxTextBytes + KeeperProtocol.MaxPathBytes + 1024];
    private MonitorChannel? channel;
    private Phase phase = Phase.Idle;
    private int cursor;
    private int monitorStarts;
    private bool stopUnsent;
    private bool stopUrgent;
    private bool stopRequested;
    private bool reloadUnsent;

    public Announcer(InstanceTable instances, DescriptorTable descriptors, LauncherPool launchers)
    {
        this.instances = instances;
        this.descriptors = descriptors;
        this.launchers = launchers;
    }

    private enum Phase
    {
        Idle,
        Hello,
        Descriptors,
        Slots,
        Instances,
        End,
        Live,
    }

    /// <summary>Begins with a new monitor, which is told everything.</summary>
    public void Connect(MonitorChannel monitor, int starts)
    {
        Attach(monitor, starts, Phase.Hello);
        launchers.ForgetAnnouncements();
        for (int i = 0; i < instances.Extent; i++) instances[i].StartAnnounced = instances[i].EndAnnounced = false;
    }

    /// <summary>Begins with a living monitor that has just handed over all it knows: it is only greeted.</summary>
    public void Resume(MonitorChannel monitor) => Attach(monitor, starts: 0, Phase.Hello, resumed: true);

    public void Disconnect()
    {
        channel = null;
        phase = Phase.Idle;
    }

    public void RequestStop(bool urgent)
    {
        stopRequested = stopUnsent = true;
        stopUrgent |= urgent;
    }

    public void RequestReload() => reloadUnsent = true;

    /// <summary>The connected monitor knows everything.</summary>
    public bool IsAllTold
    {
        get
        {
            if (phase != Phase.Live || stopUnsent || reloadUnsent) return false;
            for (int i = 0; i < instances.Extent; i++)
            {
                Instance instance = instances[i];
                if (instance.State == InstanceState.Failed || instance.AdoptionUnanswered) return false;
                if (instance.State is InstanceState.Living or InstanceState.Ended && !instance.StartAnnounced && instance.PidFd is not null) return false;
                if (instance.State == InstanceState.Ended && !instance.EndAnnounced) return false;
            }

            return true;
        }
    }

    /// <summary>Says that this process goes on as another program, which is to be told everything.</summary>
    public bool TryBidFarewell() => channel is not null && Send(LinkFrames.Plain(buffer, KeeperMessageKind.Continuing));

    /// <summary>Sends as much as the monitor takes.</summary>
    public void Flush()
    {
        if (channel is null || phase == Phase.Idle) return;
        while (phase != Phase.Live)
        {
            if (!FlushHandover()) return;
        }

        FlushLive();
    }

    private void Attach(MonitorChannel monitor, int starts, Phase first, bool resumed = false)
    {
        channel = monitor;
        monitorStarts = starts;
        phase = first;
        cursor = resumed ? -1 : 0;
    }

    private bool FlushHandover()
    {
        switch (phase)
        {
            case Phase.Hello:
                if (!Send(Hello())) return false;
                stopUnsent = false;
                phase = cursor < 0 ? Phase.End : Phase.Descriptors;
                cursor = 0;
                return true;
            case Phase.Descriptors:
                return FlushDescriptors();
            case Phase.Slots:
                return FlushSlots();
            case Phase.Instances:
                return FlushInstances();
            default:
                if (!FlushLaunchers() || !Send(LinkFrames.Plain(buffer, KeeperMessageKind.HandoverEnd))) return false;
                phase = Phase.Live;
                return true;
        }
    }

    private bool FlushDescriptors()
    {
        for (; cursor < descriptors.Count; cursor++)
        {
            (string name, Descriptor descriptor) = descriptors[cursor];
            FrameWriter writer = new(buffer, KeeperMessageKind.HeldDescriptor);
            writer.Name(name);
            if (!Send(writer.Written, descriptor)) return false;
        }

        return Next(Phase.Slots);
    }

    private bool FlushSlots()
    {
        for (; cursor < instances.SlotCount; cursor++)
        {
            (string name, int lastGeneration) = instances.SlotAt(cursor);
            FrameWriter writer = new(buffer, KeeperMessageKind.SlotGeneration);
            writer.Name(name);
            writer.Int32(lastGeneration);
            if (!Send(writer.Written)) return false;
        }

        return Next(Phase.Instances);
    }

    private bool FlushInstances()
    {
        for (; cursor < instances.Extent; cursor++)
        {
            Instance instance = instances[cursor];
            bool sent = instance.State switch
            {
                InstanceState.Waiting or InstanceState.Launching => Send(InProgress(instance, KeeperMessageKind.LaunchInProgress)),
                InstanceState.Living => Send(Process(instance, KeeperMessageKind.HeldProcess), instance.PidFd),
                InstanceState.Ended => Send(Exited(instance)),
                _ => true,
            };
            if (!sent) return false;
            instance.StartAnnounced = instance.State is InstanceState.Living or InstanceState.Ended;
            instance.EndAnnounced = instance.State is InstanceState.Ended;
        }

        return Next(Phase.End);
    }

    private bool Next(Phase next)
    {
        phase = next;
        cursor = 0;
        return true;
    }

    private void FlushLive()
    {
        if (!FlushLaunchers()) return;
        for (int i = 0; i < instances.Extent; i++)
        {
            if (!FlushInstance(instances[i])) return;
        }

        if (stopUnsent) stopUnsent = !Send(Stop());
        if (reloadUnsent) reloadUnsent = !Send(LinkFrames.Plain(buffer, KeeperMessageKind.ReloadRequested));
    }

    private bool FlushLaunchers()
    {
        for (int i = 0; i < launchers.Extent; i++)
        {
            if (launchers[i] is not { Announced: false } launcher) continue;
            FrameWriter writer = new(buffer, KeeperMessageKind.LauncherStarted);
            writer.Int32(launcher.Pid);
            writer.Int64(launcher.StartTime);
            writer.Text(launcher.Group);
            if (!Send(writer.Written, launcher.PidFd)) return false;
            launcher.Announced = true;
        }

        return true;
    }

    private bool FlushInstance(Instance instance)
    {
        switch (instance.State)
        {
            case InstanceState.Launching when instance.PreparingUnsent:
                if (!Send(InProgress(instance, KeeperMessageKind.Preparing))) return false;
                instance.PreparingUnsent = false;
                return true;
            case InstanceState.Failed:
                if (!Send(Failed(instance))) return false;
                instances.Release(instance);
                return true;
            case InstanceState.Living or InstanceState.Ended:
                if (!FlushStart(instance)) return false;
                if (instance.State == InstanceState.Living || instance.EndAnnounced) return true;
                if (!Send(Exited(instance))) return false;
                instance.EndAnnounced = true;
                instance.DropPidFd();
                return true;
            default:
                return true;
        }
    }

    private bool FlushStart(Instance instance)
    {
        if (!instance.StartAnnounced && instance.PidFd is not null)
        {
            if (!Send(Process(instance, KeeperMessageKind.Launched), instance.PidFd)) return false;
            instance.StartAnnounced = true;
        }

        if (instance.AdoptionUnanswered)
        {
            if (!Send(Adopted(instance))) return false;
            instance.AdoptionUnanswered = false;
        }

        return true;
    }

    private bool Send(ReadOnlySpan<byte> frame, Descriptor? attached = null) => channel!.TrySend(frame, attached);

    private ReadOnlySpan<byte> Hello()
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.Hello);
        writer.Int32(KeeperProtocol.Version);
        writer.Int32(CurrentProcess.Id);
        writer.Int32(monitorStarts);
        writer.Byte(stopRequested ? (byte)1 : (byte)0);
        writer.Byte(stopUrgent ? (byte)1 : (byte)0);
        return writer.Written;
    }

    private ReadOnlySpan<byte> InProgress(Instance instance, KeeperMessageKind kind)
    {
        FrameWriter writer = new(buffer, kind, instance.RequestId);
        writer.Name(instance.Slot);
        writer.Int32(instance.Generation);
        writer.Text(instance.Group);
        return writer.Written;
    }

    private ReadOnlySpan<byte> Process(Instance instance, KeeperMessageKind kind)
    {
        FrameWriter writer = new(buffer, kind, instance.RequestId);
        writer.Name(instance.Slot);
        writer.Int32(instance.Generation);
        writer.Int32(instance.Pid);
        writer.Int64(instance.StartTime);
        writer.Int64(instance.ExecAt);
        writer.Text(instance.Group);
        writer.Int64(instance.PreparedFor);
        return writer.Written;
    }

    private ReadOnlySpan<byte> Failed(Instance instance)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.LaunchFailed, instance.RequestId);
        writer.Name(instance.Slot);
        writer.Int32(instance.Generation);
        writer.Int32((int)instance.Step);
        writer.Int32((int)instance.Error);
        writer.CutText(instance.Text);
        writer.Text(instance.Group);
        return writer.Written;
    }

    private ReadOnlySpan<byte> Exited(Instance instance)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.Exited, instance.RequestId);
        writer.Name(instance.Slot);
        writer.Int32(instance.Generation);
        writer.Int32(instance.Pid);
        ExitStatusCodec.Write(ref writer, instance.Exit);
        writer.Int64(instance.ExitAt);
        writer.Text(instance.Group);
        return writer.Written;
    }

    private ReadOnlySpan<byte> Adopted(Instance instance)
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.Adopted, instance.RequestId);
        writer.Name(instance.Slot);
        writer.Int32(instance.Generation);
        writer.Int32(instance.Pid);
        return writer.Written;
    }

    private ReadOnlySpan<byte> Stop()
    {
        FrameWriter writer = new(buffer, KeeperMessageKind.StopRequested);
        writer.Byte(stopUrgent ? (byte)1 : (byte)0);
        return writer.Written;
    }
}
