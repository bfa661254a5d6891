using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>Reads what a keeper sends: updates the mirror and says what the monitor shall hear. Owns the descriptors of each message.</summary>
internal static class LinkInbox
{
    /// <returns>What the monitor shall hear; null for what only the mirror needs, and for kinds of a newer keeper.</returns>
    /// <exception cref="KeeperProtocolException">The message breaks the format.</exception>
    public static KeeperMessage? Apply(ReadOnlySpan<byte> frame, Descriptor[] attached, KeeperMirror mirror, out KeeperMessageKind kind)
    {
        try
        {
            FrameReader reader = new(frame);
            kind = reader.Kind;
            return kind switch
            {
                KeeperMessageKind.Hello => Greet(ref reader, mirror),
                KeeperMessageKind.HeldDescriptor => Hold(ref reader, Attached(kind, attached), mirror),
                KeeperMessageKind.LauncherStarted => StartLauncher(ref reader, Attached(kind, attached), mirror),
                KeeperMessageKind.SlotGeneration => Generation(ref reader, mirror),
                KeeperMessageKind.HeldProcess => Process(ref reader, Attached(kind, attached), mirror),
                KeeperMessageKind.Launched => Process(ref reader, Attached(kind, attached), mirror),
                KeeperMessageKind.LaunchInProgress => InProgress(ref reader, mirror),
                KeeperMessageKind.Preparing => Prepare(ref reader, mirror),
                KeeperMessageKind.LaunchFailed => Failed(ref reader, mirror),
                KeeperMessageKind.Exited => Exit(ref reader, mirror),
                KeeperMessageKind.Adopted => Adopted(ref reader, mirror),
                KeeperMessageKind.StopRequested => mirror.Stop = new StopRequestedMessage(reader.Byte() != 0),
                KeeperMessageKind.ReloadRequested => new ReloadRequestedMessage(),
                KeeperMessageKind.NotUnderstood => new NotUnderstoodMessage(reader.RequestId, reader.Int32()),
                _ => null,
            };
        }
        finally
        {
            foreach (Descriptor descriptor in attached) descriptor.Dispose(); // what is kept was duplicated
        }
    }

    private static Descriptor Attached(KeeperMessageKind kind, Descriptor[] attached)
    {
        if (attached.Length == 0) throw new KeeperProtocolException($"message {kind} came without its descriptor: the limit of open files (RLIMIT_NOFILE) may be reached");
        return attached[0];
    }

    private static KeeperMessage? Greet(ref FrameReader reader, KeeperMirror mirror)
    {
        mirror.Greeting = new KeeperGreeting(reader.Int32(), reader.Int32(), reader.Int32(), reader.Byte() != 0, reader.Byte() != 0);
        if (mirror.Greeting is { StopRequested: true } greeting) mirror.Stop = new StopRequestedMessage(greeting.StopUrgent);
        return null;
    }

    private static KeeperMessage? Hold(ref FrameReader reader, Descriptor attached, KeeperMirror mirror)
    {
        mirror.Put(reader.Text(), attached.Duplicate());
        return null;
    }

    private static KeeperMessage? StartLauncher(ref FrameReader reader, Descriptor attached, KeeperMirror mirror)
    {
        int pid = reader.Int32();
        reader.Int64(); // its start time
        mirror.AddLauncher(pid, PidFd.FromDescriptor(attached), reader.OptionalText());
        return null;
    }

    private static KeeperMessage? Generation(ref FrameReader reader, KeeperMirror mirror)
    {
        mirror.AddGeneration(reader.Text(), reader.Int32());
        return null;
    }

    private static KeeperMessage? Process(ref FrameReader reader, Descriptor attached, KeeperMirror mirror)
    {
        KeeperProcess process = new(reader.Text(), reader.Int32(), reader.Int32(), reader.Int64(), reader.Int64()) { Group = reader.OptionalText() };
        mirror.AddProcess(process, PidFd.FromDescriptor(attached));
        mirror.RemoveLaunch(reader.RequestId);
        return reader.Kind == KeeperMessageKind.HeldProcess
            ? null
            : new LaunchedMessage(reader.RequestId, process.Slot, process.Generation, process.Pid, process.StartTime, process.ExecAtNanoseconds)
            {
                Group = process.Group,
                PreparedNanoseconds = reader.HasMore ? reader.Int64() : 0,
            };
    }

    private static KeeperMessage? InProgress(ref FrameReader reader, KeeperMirror mirror)
    {
        PendingLaunch launch = new(reader.RequestId, reader.Text(), reader.Int32()) { Group = reader.OptionalText() };
        mirror.AddGeneration(launch.Slot, launch.Generation);
        mirror.AddLaunch(launch);
        return null;
    }

    private static PreparingMessage Prepare(ref FrameReader reader, KeeperMirror mirror)
    {
        PendingLaunch launch = new(reader.RequestId, reader.Text(), reader.Int32()) { Group = reader.OptionalText() };
        mirror.AddLaunch(launch);
        return new PreparingMessage(launch.Slot, launch.Generation, launch.Group);
    }

    private static LaunchFailedMessage Failed(ref FrameReader reader, KeeperMirror mirror)
    {
        mirror.RemoveLaunch(reader.RequestId);
        mirror.EndAdoption(reader.RequestId, refused: true);
        return new LaunchFailedMessage(
            reader.RequestId, reader.Text(), reader.Int32(), (LaunchStep)reader.Int32(), (Errno)reader.Int32(), reader.Text())
        {
            Group = reader.OptionalText(),
        };
    }

    private static ExitedMessage Exit(ref FrameReader reader, KeeperMirror mirror)
    {
        ExitedMessage exit = new(reader.Text(), reader.Int32(), reader.Int32(), ExitStatusCodec.Read(ref reader), reader.Int64())
        {
            Group = reader.OptionalText(),
        };
        mirror.AddExit(exit);
        return exit;
    }

    private static AdoptedMessage Adopted(ref FrameReader reader, KeeperMirror mirror)
    {
        mirror.EndAdoption(reader.RequestId, refused: false);
        return new AdoptedMessage(reader.RequestId, reader.Text(), reader.Int32(), reader.Int32());
    }
}
