using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// Brings statuses and signs of life to the core: one look at a slot for any number of doorbells, so that nobody can fill the
/// mailbox. The methods named Read run on the decision loop, the others on any thread.
/// </summary>
internal sealed class StatusIntake(Supervisor supervisor, Reporters reporters, TimeProvider time)
{
    /// <summary>A doorbell rang.</summary>
    public void Ring(Reporter reporter)
    {
        if (!reporter.RingSlot())
            return;
        var since = MonotonicClock.Nanoseconds - Interlocked.Read(ref reporter.LastReadAt);
        var spacing = (long)SupervisionLimits.SlotSpacing.TotalNanoseconds;
        if (since >= spacing)
            supervisor.Post(() => Look(reporter));
        else
            _ = LookLaterAsync(reporter, TimeSpan.FromMicroseconds((spacing - since) / 1000.0));
    }

    /// <summary>A sign of life.</summary>
    public void Beat(Reporter reporter)
    {
        if (!reporter.RingBeat())
            return;
        supervisor.Post(() =>
        {
            reporter.BeatTaken();
            supervisor.Handle(new BeatReceived(reporter.Service, reporter.Generation));
        });
    }

    /// <summary>The process of a reporter is ending: its last status, while there is time.</summary>
    public void Dying(Reporter reporter, DeathNotice notice)
    {
        if (!notice.Early)
            return;
        supervisor.Post(() =>
        {
            Read(reporter);
            supervisor.Handle(new ProcessDying(reporter.Service, reporter.Generation, reporter.Pid));
        });
    }

    /// <summary>A session ended: its last status, then the end.</summary>
    public void Lost(Reporter reporter, string reason)
    {
        reporters.EndSession(reporter.Session);
        supervisor.Post(() =>
        {
            Read(reporter);
            supervisor.Handle(new SessionLost(reporter.Service, reporter.Generation, reporter.Session, reason));
        });
    }

    /// <summary>Reads every slot of a generation.</summary>
    public void ReadAll(string service, int generation)
    {
        foreach (var reporter in reporters.Of(service, generation))
            Read(reporter);
    }

    private async Task LookLaterAsync(Reporter reporter, TimeSpan delay)
    {
        await Task.Delay(delay, time).ConfigureAwait(false);
        supervisor.Post(() => Look(reporter));
    }

    private void Look(Reporter reporter)
    {
        // Cleared before reading: what is written after the look rings again.
        reporter.SlotTaken();
        Read(reporter);
    }

    private void Read(Reporter reporter)
    {
        Interlocked.Exchange(ref reporter.LastReadAt, MonotonicClock.Nanoseconds);
        if (reporter.ReadSlot() is not { } report || report.Sequence == reporter.LastRead)
            return;
        reporter.LastRead = report.Sequence;
        supervisor.Handle(new StatusChanged(reporter.Service, reporter.Generation, report));
    }
}
