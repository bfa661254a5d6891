using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;

namespace Lifeline.Hangs;

/// <summary>Looks at a silent service and its machine. Blocks its thread, for about as long as <see cref="HangLimits.ThreadTime"/> at most.</summary>
internal sealed class HangInspector(LogReader logs)
{
    /// <param name="service">The key of its slot.</param>
    /// <param name="generation">The generation that is silent: another may write into the same log.</param>
    /// <param name="pid">Its main process.</param>
    /// <param name="earlier">How it was before; null: nobody looked.</param>
    public HangEvidence Look(string service, int generation, int pid, MachineSample? earlier)
    {
        var began = MonotonicClock.Nanoseconds;
        var now = MachineSample.Take(pid);
        var state = ProcFs.TryReadStat(pid)?.State;
        var threads = ProcessThreads.List(pid);
        var evidence = new HangEvidence
        {
            State = state,
            IsFrozen = Freezer.IsFrozen(pid),
            IsTraced = state == 't',
            ThreadCount = threads.Count,
            Threads = Describe(pid, threads),
            Output = LastLines(service, generation),
        };
        if (earlier is not null && now.IsComparable(earlier))
        {
            evidence = evidence with
            {
                Window = now.Since(earlier),
                Suspended = now.SuspendedSince(earlier),
                RunDelay = now.RunDelaySince(earlier),
                MonitorRunDelay = now.MonitorDelaySince(earlier),
                CpuPressure = now.CpuPressureSince(earlier),
                MemoryPressure = now.MemoryPressureSince(earlier),
            };
        }

        return evidence with { Took = TimeSpan.FromMicroseconds((MonotonicClock.Nanoseconds - began) / 1000.0) };
    }

    private static List<ThreadEvidence> Describe(int pid, IReadOnlyList<int> threads)
    {
        var began = MonotonicClock.Nanoseconds;
        var described = new List<ThreadEvidence>();
        foreach (var thread in threads.Take(HangLimits.MaxThreads))
        {
            // The first one always: it is the one that matters most.
            if (described.Count > 0 && MonotonicClock.Nanoseconds - began > (long)HangLimits.ThreadTime.TotalNanoseconds)
                break;
            if (ProcessThreads.TryRead(pid, thread, HangLimits.MaxFrames) is { } seen)
                described.Add(new ThreadEvidence(seen.Id, seen.Name, seen.State, seen.WaitChannel, seen.SystemCall, seen.Stack));
        }

        return described;
    }

    private string[] LastLines(string service, int generation)
    {
        try
        {
            var chunk = logs.ReadLast(new LogQuery { Service = Monitor.SlotKeys.ServiceOf(service), Lines = HangLimits.MaxLinesOfAll }, generation);
            return [.. chunk.Lines.TakeLast(HangLimits.MaxLines).Select(line => line.Text.Length <= HangLimits.MaxLine ? line.Text : line.Text[..HangLimits.MaxLine] + "…")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException)
        {
            return [$"(the output cannot be read: {e.Message})"];
        }
    }
}
