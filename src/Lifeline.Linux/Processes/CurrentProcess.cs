using System.Globalization;
using System.Text;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Resources that have a limit for each process; the numbers of setrlimit(2).</summary>
public enum ResourceLimit
{
    /// <summary>Seconds of processor time.</summary>
    CpuSeconds = 0,

    /// <summary>Bytes of one file.</summary>
    FileSize = 1,

    /// <summary>Bytes of a core file.</summary>
    Core = 4,

    /// <summary>Processes of the user.</summary>
    Processes = 6,

    /// <summary>Open descriptors.</summary>
    Descriptors = 7,

    /// <summary>Bytes of address space.</summary>
    AddressSpace = 9,
}

/// <summary>The process this code runs in.</summary>
public static unsafe class CurrentProcess
{
    private const int SetNameOption = 15;
    private const int SetChildSubreaperOption = 36;
    private const int SignalCount = 64;
    private const int SignalActionSize = 152;
    private const nint Ignored = 1;
    private const uint MarkCloseOnExec = 4;

    /// <summary>Its number.</summary>
    public static int Id => Libc.getpid();

    /// <summary>Its parent's number.</summary>
    public static int ParentId => Libc.getppid();

    /// <summary>Effective user.</summary>
    public static uint Uid => Libc.geteuid();

    /// <summary>Effective group.</summary>
    public static uint Gid => Libc.getegid();

    /// <summary>Makes it the parent of all orphans below it.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public static void SetChildSubreaper() => Check(Libc.prctl(SetChildSubreaperOption, 1, 0, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER)");

    /// <summary>Sets the name shown by ps for the calling thread; on the main thread, of the process.</summary>
    /// <param name="name">Cut after 15 bytes.</param>
    public static void SetName(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name + "\0");
        fixed (byte* start = bytes)
            _ = Libc.prctl(SetNameOption, (nuint)start, 0, 0, 0);
    }

    /// <summary>
    /// Reaps one ended child that nobody else waits for.
    /// </summary>
    /// <param name="isTracked">Whether a child is waited for elsewhere; it is left alone then.</param>
    /// <param name="pid">The child that has ended, reaped or not; 0 if none has.</param>
    /// <returns>Whether one was reaped. A tracked child hides others that ended: reap it and ask again.</returns>
    public static bool ReapOrphan(Func<int, bool> isTracked, out int pid)
    {
        ArgumentNullException.ThrowIfNull(isTracked);
        var info = stackalloc byte[128];
        new Span<byte>(info, 128).Clear();
        pid = 0;
        if (Libc.waitid(Libc.WaitForAll, 0, info, Libc.WaitExited | Libc.WaitNoHang | Libc.WaitNoReap, null) < 0)
            return false;
        pid = *(int*)(info + 16);
        return pid != 0 && !isTracked(pid) && Reap(pid);
    }

    /// <summary>Sets the umask.</summary>
    /// <param name="mask">Bits that new files do not get.</param>
    public static void SetUmask(UnixFileMode mask) => _ = Libc.umask((uint)mask);

    /// <summary>Sets the scheduling priority of the calling thread, which a program executed by it keeps.</summary>
    /// <param name="nice">-20 (first) to 19 (last).</param>
    /// <exception cref="LinuxException">Lower values need privileges.</exception>
    public static void SetNice(int nice) => Check(Libc.setpriority(0, 0, nice), $"setpriority({nice})");

    /// <summary>Limits a resource for this process and those it starts.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="soft">The limit in force.</param>
    /// <param name="hard">How far it may be raised.</param>
    /// <exception cref="LinuxException">Raising the hard limit needs privileges.</exception>
    public static void SetResourceLimit(ResourceLimit limit, ulong soft, ulong hard)
    {
        var value = new ResourceLimits { Soft = soft, Hard = hard };
        if (Libc.setrlimit((int)limit, &value) < 0)
            throw LinuxException.Last($"setrlimit({limit}, {soft}, {hard})");
    }

    /// <summary>The limits of a resource.</summary>
    /// <param name="limit">Which.</param>
    public static (ulong Soft, ulong Hard) GetResourceLimit(ResourceLimit limit)
    {
        ResourceLimits value;
        if (Libc.getrlimit((int)limit, &value) < 0)
            throw LinuxException.Last($"getrlimit({limit})");
        return (value.Soft, value.Hard);
    }

    /// <summary>Raises the soft limit of open descriptors to the hard one.</summary>
    /// <returns>The soft limit before. The .NET runtime may have raised it already: no measure for what programs expect.</returns>
    public static ulong RaiseDescriptorLimit()
    {
        var (soft, hard) = GetResourceLimit(ResourceLimit.Descriptors);
        if (soft < hard)
            SetResourceLimit(ResourceLimit.Descriptors, hard, hard);
        return soft;
    }

    /// <summary>Becomes another user for good, with all threads.</summary>
    /// <param name="uid">User.</param>
    /// <param name="gid">Group.</param>
    /// <param name="groups">All further groups; the ones before are given up.</param>
    /// <exception cref="LinuxException">Only root may.</exception>
    public static void SetIdentity(uint uid, uint gid, ReadOnlySpan<uint> groups)
    {
        fixed (uint* start = groups)
            Check(Libc.setgroups((nuint)groups.Length, start), $"setgroups({groups.Length})");
        Check(Libc.setresgid(gid, gid, gid), $"setresgid({gid})");
        Check(Libc.setresuid(uid, uid, uid), $"setresuid({uid})");
    }

    /// <summary>Changes the working folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="LinuxException">It cannot be entered.</exception>
    public static void ChangeFolder(string path) => Check(Libc.chdir(path), $"chdir(\"{path}\")");

    /// <summary>Leads a new session, without a terminal.</summary>
    /// <exception cref="LinuxException">It leads a process group already.</exception>
    public static void NewSession() => Check(Libc.setsid(), "setsid()");

    /// <summary>
    /// Unblocks every signal and ignores none, for a program that is executed next. Caught ones are left to the runtime, whose
    /// threads need them until then; the execution gives them their default effect.
    /// </summary>
    public static void ResetSignals()
    {
        // struct sigaction begins with the handler: 0 is SIG_DFL, 1 is SIG_IGN; 152 bytes in glibc.
        var standard = stackalloc byte[SignalActionSize];
        var current = stackalloc byte[SignalActionSize];
        new Span<byte>(standard, SignalActionSize).Clear();
        for (var signal = 1; signal <= SignalCount; signal++)
            if (Libc.sigaction(signal, null, current) == 0 && *(nint*)current == Ignored)
                _ = Libc.sigaction(signal, standard, null);
        var none = stackalloc byte[128];
        new Span<byte>(none, 128).Clear();
        _ = Libc.sigprocmask(2, none, null);
    }

    /// <summary>Puts descriptors at the numbers a program expects, where they survive its execution. Existing ones there are closed.</summary>
    /// <param name="descriptor">What.</param>
    /// <param name="target">Where to.</param>
    /// <exception cref="LinuxException">The number is beyond the limit.</exception>
    public static void Place(Descriptor descriptor, int target)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        using var use = new Descriptor.Use(descriptor);
        if (use.Number == target)
            Check(Libc.fcntl(target, Libc.FSetDescriptorFlags, 0), $"fcntl({target}, F_SETFD)");
        else
            Check(Duplicate(use.Number, target), $"dup3({use.Number}, {target})");
    }

    /// <summary>Marks all descriptors from a number on as close-on-exec.</summary>
    /// <param name="first">The first.</param>
    /// <exception cref="LinuxException">The kernel (before 5.11) or a filter of system calls does not allow it, and /proc is missing.</exception>
    public static void CloseOnExecFrom(int first)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        if (Libc.close_range((uint)first, uint.MaxValue, MarkCloseOnExec) == 0)
            return;
        var error = Libc.LastError;
        if (error is not (Errno.EINVAL or Errno.ENOSYS or Errno.EPERM) || !Directory.Exists("/proc/self/fd"))
            throw new LinuxException($"close_range({first})", error);
        foreach (var entry in Directory.GetFileSystemEntries("/proc/self/fd"))
            if (int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var number) && number >= first)
                _ = Libc.fcntl(number, Libc.FSetDescriptorFlags, 1);
    }

    /// <summary>Replaces the program of this process. Returns only by an exception; nothing is disposed of before.</summary>
    /// <param name="path">The program; no search.</param>
    /// <param name="arguments">Its arguments, the name first.</param>
    /// <param name="environment">Its whole environment, as NAME=VALUE.</param>
    /// <exception cref="LinuxException">It could not be executed.</exception>
    public static void Execute(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        using var file = new NativeStrings([path]);
        using var argv = new NativeStrings(arguments);
        using var envp = new NativeStrings(environment);
        _ = Libc.execve(file.Pointer[0], argv.Pointer, envp.Pointer);
        throw LinuxException.Last($"execve(\"{path}\")");
    }

    /// <summary>Ends at once, without any clean-up.</summary>
    /// <param name="code">The exit code.</param>
    public static void Exit(int code) => Libc._exit(code);

    /// <summary>Waits for a child of ours and forgets it.</summary>
    internal static void WaitAndReap(int pid)
    {
        var info = stackalloc byte[128];
        int result;
        do
            result = Libc.waitid(Libc.WaitForPid, (uint)pid, info, Libc.WaitExited, null);
        while (result < 0 && Libc.LastError == Errno.EINTR);
    }

    private static int Duplicate(int from, int to)
    {
        int result;
        do
            result = Libc.dup3(from, to, 0);
        while (result < 0 && Libc.LastError == Errno.EINTR);
        return result;
    }

    private static bool Reap(int pid)
    {
        var info = stackalloc byte[128];
        return Libc.waitid(Libc.WaitForPid, (uint)pid, info, Libc.WaitExited | Libc.WaitNoHang, null) == 0;
    }

    private static void Check(int result, string operation)
    {
        if (result < 0)
            throw LinuxException.Last(operation);
    }
}
