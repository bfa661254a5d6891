using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>What the monitor may order, one method each. A broken message costs itself only: it is logged and left.</summary>
internal sealed class MonitorOrders
{
    private const int MaxFolders = 8;
    private const int MaxArguments = 8;

    private readonly KeeperLoop loop;
    private readonly InstanceTable instances;
    private readonly DescriptorTable descriptors;
    private readonly LauncherPool launchers;
    private readonly ExitWatch exits;
    private readonly KeeperLog log;
    private readonly char[] name = new char[KeeperProtocol.MaxNameBytes];

    public MonitorOrders(KeeperLoop loop, InstanceTable instances, DescriptorTable descriptors, LauncherPool launchers, ExitWatch exits, KeeperLog log)
    {
        this.loop = loop;
        this.instances = instances;
        this.descriptors = descriptors;
        this.launchers = launchers;
        this.exits = exits;
        this.log = log;
    }

    /// <summary>Does what a message says. Closes the descriptors that came with it unless they are kept.</summary>
    public void Handle(ReadOnlySpan<byte> frame, Descriptor[] attached, bool truncated, long now)
    {
        try
        {
            FrameReader reader = new(frame);
            if (truncated) throw new KeeperProtocolException($"message {reader.Kind} or its descriptors did not fit (RLIMIT_NOFILE may be reached)");
            Handle(ref reader, frame, attached, now);
        }
        catch (KeeperProtocolException e)
        {
            log.Write($"a message of the monitor is left out: {e.Message}");
        }
        finally
        {
            foreach (Descriptor descriptor in attached) descriptor?.Dispose();
        }
    }

    private void Handle(ref FrameReader reader, ReadOnlySpan<byte> frame, Descriptor[] attached, long now)
    {
        switch (reader.Kind)
        {
            case KeeperMessageKind.Alive:
                loop.Monitor.NoteAlive(now);
                break;
            case KeeperMessageKind.Ready:
                loop.NoteReady(now);
                break;
            case KeeperMessageKind.Settled:
                loop.Notify.Tell(reader.Int32(), reader.Text(), goesOn: true);
                break;
            case KeeperMessageKind.Launch:
                Launch(ref reader, frame, now);
                break;
            case KeeperMessageKind.PutDescriptor:
                Put(ref reader, attached);
                break;
            case KeeperMessageKind.DropDescriptor:
                descriptors.Drop(reader.Name(name));
                break;
            case KeeperMessageKind.Acknowledge:
                if (instances.FindEnded(reader.Name(name), reader.Int32()) is { } ended) instances.Release(ended);
                break;
            case KeeperMessageKind.AdoptProcess:
                Adopt(ref reader, attached, now);
                break;
            case KeeperMessageKind.Finish:
                loop.Finish(reader.Int32(), now);
                break;
            case KeeperMessageKind.StartFailed:
                NoteStartFailure(ref reader);
                break;
            default:
                HandleTakeOver(ref reader, attached, now);
                break;
        }
    }

    private void HandleTakeOver(ref FrameReader reader, Descriptor[] attached, long now)
    {
        switch (reader.Kind)
        {
            case KeeperMessageKind.GroupFolder:
                launchers.UseGroups(reader.Int32(), reader.Text(), reader.HasMore ? ReadTexts(ref reader, MaxFolders) : []);
                break;
            case KeeperMessageKind.Present:
                CurrentProcess.SetName(reader.Text());
                break;
            case KeeperMessageKind.Ping:
                loop.SendPong();
                break;
            case KeeperMessageKind.Upgrade:
                Upgrade(ref reader);
                break;
            case KeeperMessageKind.ChangeMain:
                ChangeMain(ref reader, attached);
                break;
            case KeeperMessageKind.TakeOver:
                TakeOver(ref reader, attached, now);
                break;
            case KeeperMessageKind.KnownGeneration:
                instances.RememberGeneration(reader.Name(name), reader.Int32());
                break;
            case KeeperMessageKind.KnownExit:
                RememberExit(ref reader);
                break;
            case KeeperMessageKind.TakeOverEnd:
                loop.NoteTakenOver();
                break;
            default:
                if (reader.Flags.HasFlag(FrameFlags.AnswerIfUnknown)) loop.SendNotUnderstood(reader.RequestId, reader.Kind);
                break;
        }
    }

    private void Upgrade(ref FrameReader reader)
    {
        string path = reader.Text();
        if (!Path.IsPathRooted(path)) throw new KeeperProtocolException($"'{path}' is no program to go on as");
        loop.Upgrade(new SelfCommand(path, ReadTexts(ref reader, MaxArguments)));
    }

    private static string[] ReadTexts(ref FrameReader reader, int most)
    {
        string[] texts = new string[reader.Count(most)];
        for (int i = 0; i < texts.Length; i++) texts[i] = reader.Text();
        return texts;
    }

    private void Launch(ref FrameReader reader, ReadOnlySpan<byte> frame, long now)
    {
        ReadOnlySpan<char> slot = reader.Name(name);
        int generation = reader.Int32();
        string refusal = "the keeper is ending";
        if (loop.AcceptsLaunches && instances.TryAccept(slot, generation, reader.RequestId, isAdoption: false, out refusal) is { } instance)
            loop.Launch(instance, frame, now);
        else
            Refuse(slot, generation, reader.RequestId, refusal);
    }

    private void Refuse(ReadOnlySpan<char> slot, int generation, long requestId, string refusal)
    {
        if (instances.TryRefuse(slot, generation, requestId) is { } refused)
        {
            refused.Step = LaunchStep.Refused;
            refused.Text = refusal;
            instances.Move(refused, InstanceState.Failed);
            loop.Announce();
        }
        else
        {
            log.Write($"an order for slot {slot} is left out: {refusal}");
        }
    }

    private void Put(ref FrameReader reader, Descriptor[] attached)
    {
        ReadOnlySpan<char> wanted = reader.Name(name);
        if (attached.Length == 0) throw new KeeperProtocolException($"the descriptor '{wanted}' did not come along (RLIMIT_NOFILE may be reached)");
        Descriptor taken = attached[0];
        attached[0] = null!;
        if (!descriptors.Put(wanted, taken))
            log.Write($"the descriptor '{wanted}' is not held: {KeeperProtocol.MaxDescriptors} are, the limit (KeeperProtocol.MaxDescriptors)");
    }

    private void Adopt(ref FrameReader reader, Descriptor[] attached, long now)
    {
        ReadOnlySpan<char> slot = reader.Name(name);
        int generation = reader.Int32();
        int pid = reader.Int32();
        long startTime = reader.Int64();
        long execAt = reader.Int64();
        string? group = reader.OptionalText();
        if (attached.Length == 0) throw new KeeperProtocolException($"the pidfd of process {pid} did not come along");
        if (instances.TryAccept(slot, generation, reader.RequestId, isAdoption: true, out string refusal) is not { } instance)
        {
            Refuse(slot, generation, reader.RequestId, refusal);
            return;
        }

        instance.Pid = pid;
        instance.StartTime = startTime;
        instance.ExecAt = execAt;
        instance.Group = group;
        instance.PidFd = PidFd.FromDescriptor(attached[0]);
        // This process may have started it as the program that it was before an upgrade.
        instance.IsChild = ProcFs.TryReadStat(pid)?.Parent == CurrentProcess.Id;
        instance.StartAnnounced = true;
        instance.AdoptionUnanswered = reader.RequestId != 0;
        instances.Move(instance, InstanceState.Living);
        loop.Watch(instance);
        loop.Announce();
    }

    private void ChangeMain(ref FrameReader reader, Descriptor[] attached)
    {
        ReadOnlySpan<char> slot = reader.Name(name);
        int generation = reader.Int32();
        int pid = reader.Int32();
        long startTime = reader.Int64();
        if (attached.Length == 0) throw new KeeperProtocolException($"the pidfd of process {pid} did not come along");
        if (instances.FindForNewMain(slot, generation) is not { } instance)
        {
            log.Write($"process {pid} does not become the main one of {slot}: its generation {generation} is over");
            return;
        }

        exits.Change(instance, PidFd.FromDescriptor(attached[0]));
        instance.Pid = pid;
        instance.StartTime = startTime;
        instances.Revive(instance);
        exits.Watch(instance);
    }

    private void NoteStartFailure(ref FrameReader reader)
    {
        reader.Int32(); // the exit code of the process counts
        loop.Monitor.StartFailure = reader.Text();
    }

    private void TakeOver(ref FrameReader reader, Descriptor[] attached, long now)
    {
        reader.Int32(); // its version: so far nothing depends on it
        int pid = reader.Int32();
        bool isStopRequested = reader.Byte() != 0;
        bool isStopUrgent = reader.Byte() != 0;
        if (attached.Length == 0) throw new KeeperProtocolException($"the pidfd of monitor {pid} did not come along");
        loop.Identify(pid, PidFd.FromDescriptor(attached[0]));
        if (isStopRequested) loop.ResumeStop(isStopUrgent, now);
        if (attached.Length < 2) return;
        loop.HoldLock(attached[1]);
        attached[1] = null!;
    }

    private void RememberExit(ref FrameReader reader)
    {
        ReadOnlySpan<char> slot = reader.Name(name);
        if (instances.TryRemember(slot, reader.Int32()) is not { } instance) return;
        instance.Pid = reader.Int32();
        instance.Exit = ExitStatusCodec.Read(ref reader);
        instance.ExitAt = reader.Int64();
        instance.Group = reader.OptionalText();
        instance.StartAnnounced = instance.EndAnnounced = true;
        instances.Move(instance, InstanceState.Ended);
    }
}
