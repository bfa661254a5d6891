using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
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

    // In a crowd of launches the order comes sooner.
    private const int MillisecondsToSettle = 250;

    /// <summary>Is the launcher in a copy of the keeper. Never returns.</summary>
    /// <param name="copier">What it was made with.</param>
    /// <param name="place">Where its socket to the keeper is.</param>
    /// <param name="lockPlace">Where the lock of the run folder is; null without one.</param>
    /// <param name="toJoin">Paths of the control groups that it makes and joins.</param>
    /// <param name="groups">Paths of all its groups.</param>
    /// <param name="commandLine">Where to say what it is.</param>
    /// <param name="path">The executable.</param>
    [DoesNotReturn]
    public static void RunAsCopy(ProcessCopier copier, int place, int? lockPlace, ReadOnlySpan<string> toJoin, string[] groups, CommandLineArea? commandLine, string path)
    {
        int exitCode = FailureExitCode;
        try
        {
            CurrentProcess.NewSession();
            CurrentProcess.ResetSignals();
            commandLine?.Show([path, SelfCommand.Launcher, .. groups]);
            // Everything else is the keeper's, and must not be held open by a process that may become a service.
            if (lockPlace is { } second) copier.KeepOnly((place, KeeperProtocol.LinkDescriptor), (second, KeeperProtocol.LockDescriptor));
            else copier.KeepOnly((place, KeeperProtocol.LinkDescriptor));
            using (Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite)) CurrentProcess.Place(nothing, 0);
            exitCode = Run(toJoin, groups, isCopy: true);
        }
        catch (LinuxException)
        {
            // The keeper sees that the socket was closed.
        }
        finally
        {
            CurrentProcess.Exit(exitCode);
        }

        throw new UnreachableException();
    }

    /// <summary>Is a launcher that was started as a program. Never returns: the runtime's own way out waits for its threads, and the keeper for the end.</summary>
    /// <param name="groups">Paths of the control groups to make and to join; none without control groups.</param>
    [DoesNotReturn]
    public static void Run(string[] groups)
    {
        CurrentProcess.Exit(Run(groups, groups, isCopy: false));
        throw new UnreachableException();
    }

    // A copy's memory is in use already, and nothing collects in it.
    private static int Run(ReadOnlySpan<string> toJoin, string[] groups, bool isCopy)
    {
        UnixSocket keeper;
        using (Descriptor inherited = Descriptor.Adopt(KeeperProtocol.LinkDescriptor)) keeper = UnixSocket.FromDescriptor(inherited);
        Descriptor? runLock = TryAdoptLock();
        foreach (string group in toJoin)
        {
            if (!LauncherWork.TryJoinOwn(keeper, group, isCopy)) return FailureExitCode;
        }

        Span<byte> buffer = OutsideOfTheHeap(KeeperProtocol.MaxMessage);
        if (isCopy)
        {
            // It is ready as it is.
            Tell(keeper, KeeperMessageKind.LauncherReady);
            if (!Poller.IsReady(keeper, PollEvents.In, MillisecondsToSettle)) Settle(buffer, isCopy);
        }
        else
        {
            if (!Poller.IsReady(keeper, PollEvents.In, 0)) Settle(buffer, isCopy);
            Tell(keeper, KeeperMessageKind.LauncherReady);
        }

        ReceivedMessage message = keeper.Receive(buffer);
        if (!message.EndOfStream) new LauncherWork(keeper, runLock, groups).Do(buffer[..message.Length], message.Descriptors);
        CurrentProcess.Exit(message.EndOfStream ? 0 : FailureExitCode);
        return FailureExitCode;
    }

    // For the life of the process. Nearly all of it is never touched, and so takes no memory.
    private static unsafe Span<byte> OutsideOfTheHeap(int bytes) => new(NativeMemory.Alloc((nuint)bytes), bytes);

    // There is time: nobody waits for it yet.
    private static void Settle(Span<byte> buffer, bool isCopy)
    {
        LauncherWork.Rehearse(buffer, withExec: !isCopy);
        ProcessMemory.ReleaseFilePages(); // half the time of the exec goes into taking the old memory apart
        if (!isCopy)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        ProcessMemory.ReleaseUnwrittenData();
        if (!isCopy) LauncherWork.Rehearse(buffer, withExec: false);
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
