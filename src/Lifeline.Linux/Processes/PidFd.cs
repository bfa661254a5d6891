using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// A process, by a descriptor that never means another one. Readable once it has ended. Thread-safe.
/// </summary>
public sealed unsafe class PidFd : Descriptor
{
    // _IOWR(0xFF, 11, struct pidfd_info) with the 64 bytes of its first version.
    private const uint GetInfo = 0xC040FF0B;
    private const int InfoSize = 64;
    private const ulong InfoPid = 1;
    private const ulong InfoExit = 8;
    private const int InfoPidOffset = 16;
    private const int InfoExitOffset = 60;

    // siginfo_t of SIGCHLD on 64-bit machines.
    private const int SigInfoSize = 128;
    private const int SigInfoCode = 8;
    private const int SigInfoPid = 16;
    private const int SigInfoStatus = 24;

    internal PidFd(int number)
        : base(number)
    {
    }

    /// <summary>Whether it has ended (reaped or not).</summary>
    public bool HasExited => Poller.IsReady(this, PollEvents.In);

    /// <summary>Its number, as long as it lives or is not reaped; null afterwards.</summary>
    public int? Pid
    {
        get
        {
            using var use = new Use(this);
            return ReadPid(use.Number);
        }
    }

    /// <summary>Names the process that has this number now.</summary>
    /// <param name="pid">Its number.</param>
    /// <exception cref="LinuxException">ESRCH: there is no such process.</exception>
    public static PidFd Open(int pid)
    {
        var fd = (int)Libc.syscall(Libc.SysPidFdOpen, pid, 0, 0, 0, 0, 0);
        return fd >= 0 ? new PidFd(fd) : throw LinuxException.Last($"pidfd_open({pid})");
    }

    /// <summary>As <see cref="Open"/>; null if there is no such process.</summary>
    /// <param name="pid">Its number.</param>
    /// <exception cref="LinuxException">Any other failure.</exception>
    public static PidFd? TryOpen(int pid)
    {
        var fd = (int)Libc.syscall(Libc.SysPidFdOpen, pid, 0, 0, 0, 0, 0);
        if (fd >= 0)
            return new PidFd(fd);
        return Libc.LastError is Errno.ESRCH or Errno.EINVAL ? null : throw LinuxException.Last($"pidfd_open({pid})");
    }

    /// <summary>Sees a received descriptor as a process; a duplicate, the argument is left alone.</summary>
    /// <param name="descriptor">A pidfd.</param>
    public static PidFd FromDescriptor(Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return new PidFd(descriptor.DuplicateNumber());
    }

    /// <summary>Sends a signal to exactly this process.</summary>
    /// <param name="signal">The signal's number; 0 only asks whether it may.</param>
    /// <exception cref="LinuxException">ESRCH: it is gone. EPERM: this process may not.</exception>
    public void Signal(int signal)
    {
        if (TrySignal(signal) is var error and not Errno.None)
            throw new LinuxException($"pidfd_send_signal({Number}, {signal})", error);
    }

    /// <summary>As <see cref="Signal"/>, with the failure as the answer.</summary>
    /// <param name="signal">The signal's number.</param>
    public Errno TrySignal(int signal)
    {
        using var use = new Use(this);
        return Libc.syscall(Libc.SysPidFdSendSignal, use.Number, signal, 0, 0, 0, 0) == 0 ? Errno.None : Libc.LastError;
    }

    /// <summary>A duplicate of a descriptor that this process has; null if it has none, is gone, or may not be asked (ptrace(2) says who may), and on kernels before 5.6.</summary>
    /// <param name="number">Its number over there.</param>
    public Descriptor? TryDuplicate(int number)
    {
        using var use = new Use(this);
        var fd = (int)Libc.syscall(Libc.SysPidFdGetFd, use.Number, number, 0, 0, 0, 0);
        return fd >= 0 ? new Descriptor(fd) : null;
    }

    /// <summary>Takes the exit of a child that has ended; null while it lives, and for what is not our child (any more).</summary>
    public ExitStatus? TryReap()
    {
        var info = stackalloc byte[SigInfoSize];
        new Span<byte>(info, SigInfoSize).Clear();
        using var use = new Use(this);
        if (Libc.waitid(Libc.WaitForPidFd, (uint)use.Number, info, Libc.WaitExited | Libc.WaitNoHang, null) < 0)
            return null;
        return *(int*)(info + SigInfoPid) == 0 ? null : Decode(*(int*)(info + SigInfoCode), *(int*)(info + SigInfoStatus));
    }

    /// <summary>Waits for the end of a child and takes its exit; null if it is not our child (any more).</summary>
    public ExitStatus? WaitExit()
    {
        Poller.IsReady(this, PollEvents.In, -1);
        return TryReap();
    }

    /// <summary>
    /// The exit of any process, after its parent has reaped it. Null before that, and on kernels that keep none (before 6.15).
    /// </summary>
    public ExitStatus? TryGetExit()
    {
        var info = stackalloc byte[InfoSize];
        new Span<byte>(info, InfoSize).Clear();
        *(ulong*)info = InfoExit;
        using var use = new Use(this);
        if (Libc.ioctl(use.Number, GetInfo, info) < 0 || (*(ulong*)info & InfoExit) == 0)
            return null;
        return ExitStatus.FromWaitStatus(*(int*)(info + InfoExitOffset));
    }

    internal static ExitStatus Decode(int code, int status) => code switch
    {
        1 => new ExitStatus(status, null, false),
        3 => new ExitStatus(null, status, true),
        _ => new ExitStatus(null, status, false),
    };

    private static int? ReadPid(int fd)
    {
        var info = stackalloc byte[InfoSize];
        new Span<byte>(info, InfoSize).Clear();
        *(ulong*)info = InfoPid;
        if (Libc.ioctl(fd, GetInfo, info) == 0)
            return *(int*)(info + InfoPidOffset) is var pid and > 0 ? pid : null;

        // Kernels before 6.13 tell it in /proc only; -1 there means that it is gone.
        foreach (var line in ProcFs.TryReadLines($"/proc/self/fdinfo/{fd}") ?? [])
            if (line.StartsWith("Pid:", StringComparison.Ordinal) && int.TryParse(line.AsSpan(4), out var number))
                return number > 0 ? number : null;
        return null;
    }
}
