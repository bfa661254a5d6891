using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// A service gave no sign of life for a whole heartbeat. First the shell is asked why; only what has no other explanation is hung.
/// </summary>
internal static class HangJudgement
{
    private const int Percent = 100;

    /// <summary>Asks. The answer is a <see cref="SilenceDiagnosed"/>, or nothing within <see cref="MonitorCoreOptions.DiagnosisTimeout"/>.</summary>
    public static void Ask(Slot slot, Turn turn) => turn.Order(new Diagnose(slot.Key, slot.Generation, slot.Pid));

    public static void Judge(Slot slot, Turn turn, HangEvidence? evidence)
    {
        // A sign that came meanwhile has answered the question.
        if (!slot.Heartbeat.IsAsked) return;
        if (HangReason.WhatHolds(evidence) is { } holder)
        {
            if (slot.Heartbeat.Hold(holder, turn.Now)) RecordExtension(slot, turn, evidence);
        }
        else if (slot.Heartbeat.TryExtend(HangReason.WhatExcuses(evidence, slot.Heartbeat.IsLate), turn.Now))
        {
            RecordExtension(slot, turn, evidence);
        }
        else
        {
            Condemn(slot, turn, evidence);
        }
    }

    /// <summary>It says itself that it is hung: nobody need look.</summary>
    public static void BelieveIt(Slot slot, Turn turn)
    {
        turn.Record(slot, EventKinds.ServiceHung, Facts(slot, turn, null).With("extended", false).With("told", true));
        AlertBook.Raise(slot, turn, AlertRule.Hung, $"{slot.Name} says that it is hung (WATCHDOG=trigger)");
        Ending.Abort(slot, turn, DeathReason.Hung);
    }

    private static void Condemn(Slot slot, Turn turn, HangEvidence? evidence)
    {
        var silent = Silence(slot, turn);
        turn.Record(slot, EventKinds.ServiceHung, Facts(slot, turn, evidence)
            .With("extended", slot.Heartbeat.Extension is not null)
            .With("extended_because", slot.Heartbeat.Extension)
            .With("thread_count", evidence?.ThreadCount ?? EventValue.Null)
            .With("threads", evidence is null ? EventValue.Null : EventValue.List([.. evidence.Threads.Select(Data)]))
            .With("output", evidence is null ? EventValue.Null : EventValue.Texts(evidence.Output)));
        AlertBook.Raise(slot, turn, AlertRule.Hung, $"{slot.Name} is hung: no sign of life for {silent} ms (heartbeat)");
        // A stopped process does not get any signal but KILL.
        if (evidence?.State is 'T' or 't') Ending.Kill(slot, turn, DeathReason.Hung);
        else Ending.Abort(slot, turn, DeathReason.Hung);
    }

    private static void RecordExtension(Slot slot, Turn turn, HangEvidence? evidence) =>
        turn.Record(slot, EventKinds.ServiceExtended, Facts(slot, turn, evidence)
            .With("reason", slot.Heartbeat.Extension)
            .With("by_ms", (long)(slot.HeartbeatLimit ?? TimeSpan.Zero).TotalMilliseconds));

    private static EventData Facts(Slot slot, Turn turn, HangEvidence? evidence) => new EventData()
        .With("silent_ms", Silence(slot, turn))
        .With("heartbeat_ms", (long)(slot.HeartbeatLimit ?? TimeSpan.Zero).TotalMilliseconds)
        .With("state", evidence?.State?.ToString())
        .With("window_ms", evidence?.Window is { } window ? (long)window.TotalMilliseconds : EventValue.Null)
        .With("run_delay_percent", Share(evidence?.RunDelay))
        .With("monitor_delay_percent", Share(evidence?.MonitorRunDelay))
        .With("cpu_pressure_percent", Share(evidence?.CpuPressure))
        .With("memory_pressure_percent", Share(evidence?.MemoryPressure))
        .With("suspended_ms", evidence?.Suspended is { } slept ? (long)slept.TotalMilliseconds : EventValue.Null)
        .With("look_us", evidence is null ? EventValue.Null : (long)evidence.Took.TotalMicroseconds);

    private static EventValue Share(double? share) => share is { } part ? (int)Math.Round(part * Percent) : EventValue.Null;

    private static long Silence(Slot slot, Turn turn) => (turn.Now - Math.Max(slot.Heartbeat.LastSign, slot.ExecAt ?? 0)) / 1_000_000;

    private static EventData Data(ThreadEvidence thread) => new EventData()
        .With("tid", thread.Id)
        .With("name", thread.Name)
        .With("state", thread.State.ToString())
        .With("wchan", thread.WaitsIn)
        .With("syscall", thread.SystemCall)
        .With("stack", EventValue.Texts(thread.Stack));
}
