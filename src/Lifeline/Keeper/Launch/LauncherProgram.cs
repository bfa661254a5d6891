using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// The hidden command <c>__launcher</c>: a process started ahead of its use that waits for one order and becomes the
/// service. It reports failures over its socket; that the socket closes without one means exec.
/// </summary>
internal static class LauncherProgram
{
    /// <summary>Soft limit of open files of a service whose configuration sets none; the hard limit is the keeper's. Programs that can use more raise it themselves.</summary>
    public const ulong DefaultOpenFiles = 1024;

    private const int FailureExitCode = 127;

    /// <param name="groups">Paths of the control groups to make and to join; none without control groups.</param>
    public static int Run(string[] groups)
    {
        UnixSocket keeper;
        using (Descriptor inherited = Descriptor.Adopt(KeeperProtocol.LinkDescriptor)) keeper = UnixSocket.FromDescriptor(inherited);
        Descriptor? runLock = TryAdoptLock();
        foreach (string group in groups)
        {
            if (!LauncherWork.TryJoinOwn(keeper, group)) return FailureExitCode;
        }

        byte[] buffer = GC.AllocateUninitializedArray<byte>(KeeperProtocol.MaxMessage); // clearing it would make all of it resident
        if (!Poller.IsReady(keeper, PollEvents.In, 0)) Settle(buffer);
        Tell(keeper, KeeperMessageKind.LauncherReady);
        ReceivedMessage message = keeper.Receive(buffer);
        if (!message.EndOfStream) new LauncherWork(keeper, runLock, groups).Do(buffer.AsSpan(0, message.Length), message.Descriptors);
        CurrentProcess.Exit(message.EndOfStream ? 0 : FailureExitCode);
        return FailureExitCode;
    }

    // There is time: nobody waits for it yet. In a crowd of launches the order is there already, and all this would only delay it.
    private static void Settle(byte[] buffer)
    {
        LauncherWork.Rehearse(buffer, withExec: true);
        ProcessMemory.ReleaseFilePages(); // half the time of the exec goes into taking the old memory apart
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        ProcessMemory.ReleaseUnwrittenData();
        LauncherWork.Rehearse(buffer, withExec: false);
    }

    /// <summary>Sends a message without contents; a keeper that is gone is noticed elsewhere.</summary>
    public static void Tell(UnixSocket keeper, KeeperMessageKind kind)
    {
        Span<byte> frame = stackalloc byte[KeeperProtocol.HeaderSize];
        keeper.TrySend(new FrameWriter(frame, kind).Written, default, wait: true, out _);
    }

    /// <summary>The next act is exec.</summary>
    public static void TellExecuting(UnixSocket keeper, long preparedNanoseconds) => Tell(keeper, KeeperMessageKind.LauncherExecuting, preparedNanoseconds);

    /// <summary>A command runs before the start.</summary>
    public static void TellPreparing(UnixSocket keeper, TimeSpan limit) => Tell(keeper, KeeperMessageKind.LauncherPreparing, (long)limit.TotalMilliseconds);

    private static void Tell(UnixSocket keeper, KeeperMessageKind kind, long value)
    {
        Span<byte> frame = stackalloc byte[KeeperProtocol.HeaderSize + sizeof(long)];
        FrameWriter writer = new(frame, kind);
        writer.Int64(value);
        keeper.TrySend(writer.Written, default, wait: true, out _);
    }

    // Kept open until exec, so that nobody else can take the run folder while this process may still become a service.
    private static Descriptor? TryAdoptLock()
    {
        try
        {
            return Descriptor.Adopt(KeeperProtocol.LockDescriptor);
        }
        catch (LinuxException e) when (e.Errno == Errno.EBADF)
        {
            return null; // a keeper without a lock: one whose monitor was not started by a keeper
        }
    }
}
