using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// Makes copies of this process, children of it, in which the calling thread alone goes on. A copy costs the same however many descriptors are open: it shares the table until
/// it keeps what was put at its place (<see cref="KeepOnly"/>). One thread at a time.
/// </summary>
/// <remarks>
/// Only for a process compiled ahead of time whose other threads sleep: what one of them does at this moment stands still in the copy for ever. The runtime's own (for
/// finalizers) sleeps but for moments after a collection. A copy must not wait for other threads (finalizers, the thread pool, timers), and ends by
/// <see cref="CurrentProcess.Execute"/> or <see cref="CurrentProcess.Exit"/>.
/// </remarks>
public sealed unsafe class ProcessCopier : IDisposable
{
    private const int CloneCall = 435;
    private const ulong ShareDescriptors = 0x400;
    private const ulong IntoControlGroup = 0x2_0000_0000;
    private const ulong ChildEnded = 17;
    private const uint Unshare = 2;
    private const int LowestPlace = 8;

    private readonly Descriptor _nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
    private readonly int[] _places;
    private readonly int _last;

    /// <summary>Takes low numbers for what copies are given. To be made before many descriptors are open.</summary>
    /// <param name="places">How many copies there may be that have not kept what is theirs yet, and what all of them get.</param>
    /// <exception cref="LinuxException">There are not so many descriptors.</exception>
    public ProcessCopier(int places)
    {
        _places = new int[places];
        for (var i = 0; i < places; i++)
        {
            var number = Libc.fcntl(_nothing.Number, Libc.FDuplicateCloseOnExec, LowestPlace);
            if (number < 0)
                throw LinuxException.Last("reserve a descriptor");
            _places[i] = number;
            _last = Math.Max(_last, number);
        }
    }

    /// <summary>
    /// Whether this program was compiled ahead of time (a just-in-time compiler works in the background at any moment), and the kernel has what <see cref="KeepOnly"/> needs:
    /// <c>close_range</c>, from 5.9 on. A filter of system calls may refuse it, too.
    /// </summary>
    /// <remarks>The first is told by what a host of the runtime sets: <see cref="System.Runtime.CompilerServices.RuntimeFeature"/> says what a project is to be published as.</remarks>
    public static bool IsPossible { get; } = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") is null && CanCloseRange;

    // Nothing is open there. Without the flag of KeepOnly, which came with the call: it would part this thread's descriptors from the other threads'.
    internal static bool CanCloseRange => Libc.close_range(uint.MaxValue, uint.MaxValue, 0) == 0;

    /// <summary>Copies that are made from now on find the descriptor there.</summary>
    /// <param name="place">From 0 on.</param>
    /// <param name="descriptor">The caller's still.</param>
    /// <exception cref="LinuxException">It is closed.</exception>
    public void Put(int place, Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        using var use = new Descriptor.Use(descriptor);
        Place(use.Number, _places[place]);
    }

    /// <summary>The place is empty again: the copy that it was for has kept it or is gone.</summary>
    /// <param name="place">From 0 on.</param>
    public void Clear(int place)
    {
        using var use = new Descriptor.Use(_nothing);
        Place(use.Number, _places[place]);
    }

    /// <summary>Makes a copy.</summary>
    /// <param name="group">The folder of a control group (version 2) that it is born into; null for our own.</param>
    /// <param name="isInGroup">Whether it was born there: an old kernel, or one that is told to refuse, cannot, and the copy is to join by itself.</param>
    /// <returns>Its number; 0 in the copy.</returns>
    /// <exception cref="LinuxException">No memory or no process is left.</exception>
    public int Copy(Descriptor? group, out bool isInGroup)
    {
        if (group is not null)
        {
            using var use = new Descriptor.Use(group);
            isInGroup = true;
            if (TryClone(IntoControlGroup, (ulong)use.Number) is { } member)
                return member;
        }

        isInGroup = false;
        if (TryClone(0, 0) is { } pid)
            return pid;
        var forked = Libc.fork();
        return forked >= 0 ? forked : throw LinuxException.Last("fork()");
    }

    /// <summary>In the copy: what stands at some places goes to the numbers where it is expected, not close-on-exec; 0, 1 and 2 stay; everything else is closed, here alone.</summary>
    /// <param name="kept">Places and numbers from 3 on without a gap.</param>
    /// <exception cref="LinuxException">The kernel (before 5.9) cannot.</exception>
    public void KeepOnly(params ReadOnlySpan<(int Place, int Target)> kept)
    {
        Close(_last + 1, Unshare);
        var next = 3 + kept.Length;
        Span<int> raised = stackalloc int[kept.Length];
        for (var i = 0; i < kept.Length; i++)
        {
            if ((raised[i] = Libc.fcntl(_places[kept[i].Place], Libc.FDuplicateCloseOnExec, next)) < 0)
                throw LinuxException.Last("duplicate a descriptor");
        }

        for (var i = 0; i < kept.Length; i++)
            Place(raised[i], kept[i].Target, closeOnExec: false);
        Close(next, 0);
    }

    /// <summary>Gives the numbers back.</summary>
    public void Dispose()
    {
        foreach (var number in _places)
            _ = Libc.close(number);
        _nothing.Dispose();
    }

    private static int? TryClone(ulong flags, ulong group)
    {
        var arguments = new CloneArguments { Flags = ShareDescriptors | flags, ExitSignal = ChildEnded, Group = group };
        var pid = Libc.syscall(CloneCall, (nint)(&arguments), sizeof(CloneArguments), 0, 0, 0, 0);
        return pid >= 0 ? (int)pid : null;
    }

    private static void Place(int from, int to, bool closeOnExec = true)
    {
        int result;
        do
            result = Libc.dup3(from, to, closeOnExec ? Libc.CloseOnExec : 0);
        while (result < 0 && Libc.LastError == Errno.EINTR);
        if (result < 0)
            throw LinuxException.Last($"dup3({from}, {to})");
    }

    private static void Close(int first, uint flags)
    {
        if (Libc.close_range((uint)first, uint.MaxValue, flags) < 0)
            throw LinuxException.Last($"close_range({first})");
    }

    // struct clone_args of clone3(2).
    private struct CloneArguments
    {
        public ulong Flags;
        public ulong PidFd;
        public ulong ChildTid;
        public ulong ParentTid;
        public ulong ExitSignal;
        public ulong Stack;
        public ulong StackSize;
        public ulong Tls;
        public ulong SetTid;
        public ulong SetTidSize;
        public ulong Group;
    }
}
