using System.Diagnostics;
using Lifeline.Hangs;
using Lifeline.Linux;

namespace Lifeline.Tests.Hangs;

public sealed class MachineSampleTests
{
    [Fact]
    public void A_process_that_sleeps_waits_for_no_processor()
    {
        using var sleeper = Process.Start("sleep", "1000");
        try
        {
            Assert.True(SpinWait.SpinUntil(() => ProcFs.TryReadStat(sleeper.Id) is { State: 'S', Name: "sleep" }, TimeSpan.FromSeconds(30)));
            var before = MachineSample.Take(sleeper.Id);
            Poller.Poll([], 100);
            var after = MachineSample.Take(sleeper.Id);
            Assert.True(after.IsComparable(before));
            Assert.Equal(TimeSpan.Zero, after.SuspendedSince(before));
            Assert.True(after.RunDelaySince(before) is null or < 0.1);
            Assert.True(after.MonitorDelaySince(before) is null or (>= 0 and <= 1));
            Assert.True(after.CpuPressureSince(before) is null or (>= 0 and <= 1));
            var seen = ProcessThreads.TryRead(sleeper.Id, sleeper.Id, 5)!;
            Assert.Equal(("sleep", 'S'), (seen.Name, seen.State));
            Assert.InRange(seen.Stack.Count, 0, 5);
            Assert.False(Freezer.IsFrozen(sleeper.Id));
        }
        finally
        {
            sleeper.Kill();
        }
    }

    [Fact]
    public void Samples_of_different_processes_are_not_compared()
    {
        using var other = Process.Start("sleep", "1000");
        try
        {
            var before = MachineSample.Take(Environment.ProcessId);
            Poller.Poll([], 50);
            Assert.False(MachineSample.Take(other.Id).IsComparable(before));
            Assert.True(MachineSample.Take(Environment.ProcessId).IsComparable(before));
        }
        finally
        {
            other.Kill();
        }
    }

    [Fact]
    public void Of_what_is_gone_nothing_is_told()
    {
        using var gone = Process.Start("true");
        gone.WaitForExit();
        Assert.Empty(ProcessThreads.List(gone.Id));
        Assert.Null(ProcessThreads.TryRead(gone.Id, gone.Id, 5));
        Assert.Null(MachineSample.Take(gone.Id).RunDelaySince(MachineSample.Take(gone.Id)));
    }
}
