using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>The thread this code runs on.</summary>
public static unsafe class CurrentThread
{
    private const uint PolicyOther = 0;
    private const ulong ResetOnFork = 1;

    /// <summary>Number of the processor that it runs on, from 0 on; -1 where that cannot be told. It may run on another one as soon as this is known. Costs nanoseconds.</summary>
    public static int Processor => Libc.sched_getcpu();

    /// <summary>
    /// Asks for short turns: when the thread is woken it then goes before threads that run long, at once instead of at the end of
    /// their turn. It gets no more time in all. Threads and processes that it begins have ordinary turns.
    /// </summary>
    /// <param name="slice">How long a turn lasts: 0.1 to 100 ms.</param>
    /// <returns>Whether the kernel took it; before Linux 6.12 it takes it and does nothing.</returns>
    public static bool TryShortenSlice(TimeSpan slice)
    {
        var attributes = default(SchedulingAttributes);
        if (Libc.syscall(Libc.SysSchedGetAttr, 0, (nint)(&attributes), sizeof(SchedulingAttributes), 0, 0, 0) < 0)
            return false;
        // Real-time and batch threads were given their turns on purpose; and a better priority would not survive the reset.
        if (attributes.Policy != PolicyOther || attributes.Nice < 0)
            return false;
        attributes.Size = (uint)sizeof(SchedulingAttributes);
        attributes.Flags = ResetOnFork;
        attributes.Runtime = (ulong)slice.TotalNanoseconds;
        return Libc.syscall(Libc.SysSchedSetAttr, 0, (nint)(&attributes), 0, 0, 0, 0) == 0;
    }
}
