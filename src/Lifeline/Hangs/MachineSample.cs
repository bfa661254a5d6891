using Lifeline.Linux;

namespace Lifeline.Hangs;

/// <summary>How long everybody had to wait up to one moment: two of them tell how it was in between.</summary>
internal sealed class MachineSample
{
    private readonly long _at = MonotonicClock.Nanoseconds;
    private readonly long _suspended = MonotonicClock.SuspendedNanoseconds;
    private readonly long? _cpu = PressureStall.CpuMicroseconds;
    private readonly long? _memory = PressureStall.MemoryMicroseconds;
    private readonly Dictionary<int, ThreadSchedule> _service = [];
    private readonly HashSet<int> _runnable = [];

    // Its first thread is the decision loop, and waits as long as those that read the sockets.
    private readonly ThreadSchedule? _monitor = ProcessThreads.TryReadSchedule(CurrentProcess.Id, CurrentProcess.Id);

    private MachineSample(int pid)
    {
        foreach (var thread in ProcessThreads.List(pid).Take(HangLimits.MaxCompared))
            Note(pid, thread);
        (Pid, StartTicks) = (pid, ProcFs.TryReadStat(pid)?.StartTimeTicks ?? 0);
    }

    public int Pid { get; }

    /// <summary>Tells it from a later process with the same number.</summary>
    public long StartTicks { get; }

    public static MachineSample Take(int pid) => new(pid);

    /// <summary>Whether enough time lies between them to compare.</summary>
    public bool IsComparable(MachineSample earlier) =>
        earlier.Pid == Pid && earlier.StartTicks == StartTicks && Since(earlier) >= HangLimits.LeastWindow;

    public TimeSpan Since(MachineSample earlier) => TimeSpan.FromMicroseconds((_at - earlier._at) / 1000.0);

    /// <summary>For how long the machine slept in between.</summary>
    public TimeSpan SuspendedSince(MachineSample earlier)
    {
        // The two clocks are read one after the other.
        const long noise = 10_000_000;
        var slept = _suspended - earlier._suspended;
        return slept < noise ? TimeSpan.Zero : TimeSpan.FromMicroseconds(slept / 1000.0);
    }

    /// <summary>The share in which that thread of the service which waited longest was ready to run and did not.</summary>
    public double? RunDelaySince(MachineSample earlier)
    {
        double? longest = null;
        foreach (var (thread, now) in _service)
        {
            if (!earlier._service.TryGetValue(thread, out var was))
                continue;
            // A wait is counted when it is over; one that fills the whole time shows as nothing at all.
            var isStillWaiting = now == was && _runnable.Contains(thread) && earlier._runnable.Contains(thread);
            var share = isStillWaiting ? 1 : Share(now.Waited - was.Waited, earlier)!.Value;
            longest = Math.Max(longest ?? 0, share);
        }

        return longest;
    }

    /// <summary>The same of the monitor's decision loop.</summary>
    public double? MonitorDelaySince(MachineSample earlier) => Share(_monitor?.Waited - earlier._monitor?.Waited, earlier);

    public double? CpuPressureSince(MachineSample earlier) => Share((_cpu - earlier._cpu) * 1000, earlier);

    public double? MemoryPressureSince(MachineSample earlier) => Share((_memory - earlier._memory) * 1000, earlier);

    private double? Share(long? nanoseconds, MachineSample earlier) =>
        nanoseconds is { } part ? Math.Clamp(part / (double)Math.Max(1, _at - earlier._at), 0, 1) : null;

    private void Note(int pid, int thread)
    {
        if (ProcessThreads.TryReadSchedule(pid, thread) is not { } schedule)
            return;
        _service[thread] = schedule;
        if (ProcessThreads.IsRunnable(pid, thread))
            _runnable.Add(thread);
    }
}
