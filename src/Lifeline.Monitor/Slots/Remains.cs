using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What is left of the dead: reclaimed before anything new may start, then what was decided at the death.</summary>
internal static class Remains
{
    /// <summary>Steps of one reclaim that are kept; the shell's own limits are lower.</summary>
    public const int MaxSteps = 256;

    private const int NanosecondsPerMicrosecond = 1000;

    public static void Begin(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Reclaiming;
        slot.ReclaimAttempt++;
        slot.Deadline = Monotonic.After(turn.Now, slot.Spec.ReclaimTimeout);
        turn.Save(slot);
        turn.Order(new Reclaim(slot.Key, slot.Generation, slot.ReclaimAttempt, LastDeath(slot, turn), [.. slot.Claims], [.. slot.Found])
        {
            LastLineSince = slot is { After: AfterReclaim.Fail, LastDeath.Reason: not (DeathReason.Stopped or DeathReason.ExecFailed) } ? slot.StartedTime : null,
        });
    }

    public static void Finish(Slot slot, Turn turn, ReclaimFinished outcome)
    {
        Note(slot, turn, outcome);
        TellOfPorts(slot, turn, outcome.Steps);
        if (slot is { After: AfterReclaim.Fail, LastDeath: { } death, FailedBecause: { } because } && outcome.LastLine is { } line)
            slot.FailedBecause = Ending.WithLastLine(because, death, line);
        slot.Claims.Clear();
        slot.Found.Clear();
        // If it is started now, that tells of its recovery; else it is over without one.
        if (slot is { StuckBecause: not null, Wanted: true, After: AfterReclaim.Fail })
            AlertBook.Recover(slot, turn, AlertRule.ReclaimFailed, $"{slot.Name} is clean: nothing of its last life is left");
        slot.StuckBecause = null;
        Proceed(slot, turn);
    }

    /// <summary>A reclaim without proof, or without an answer.</summary>
    public static void Fail(Slot slot, Turn turn, ReclaimFinished? outcome)
    {
        if (outcome is not null) Note(slot, turn, outcome);
        var delay = RetryDelay(slot.ReclaimAttempt, turn);
        slot.Phase = SlotPhase.ReclaimFailed;
        slot.Deadline = Monotonic.After(turn.Now, delay);
        var isNews = slot.ReclaimAttempt == 1 || slot.StuckBecause is null;
        slot.StuckBecause = outcome is null
            ? "the cleanup after its death did not end in time"
            : "processes of its last life are left and cannot be removed";
        turn.Save(slot);
        if (!isNews) return;
        turn.Record(slot, EventKinds.ServiceFailed, new EventData()
            .With("because", slot.StuckBecause)
            .With("retry_ms", (long)delay.TotalMilliseconds));
        AlertBook.Raise(slot, turn, AlertRule.ReclaimFailed, $"{slot.Name} is not started again: {slot.StuckBecause}");
    }

    /// <summary>Something of a generation that counted as dead lives: it goes, and the proof is made anew.</summary>
    public static void ReclaimStray(Slot slot, Turn turn)
    {
        slot.After = slot.Phase switch
        {
            SlotPhase.Backoff or SlotPhase.Waiting => AfterReclaim.Restart,
            SlotPhase.Failed => AfterReclaim.Fail,
            SlotPhase.Exited => AfterReclaim.Exit,
            SlotPhase.Stopped => AfterReclaim.Stop,
            _ => slot.After,
        };
        turn.Order(new KillTree(slot.Key, slot.Generation));
        Begin(slot, turn);
    }

    public static void WantRunning(Slot slot, Turn turn)
    {
        slot.Wanted = true;
        RestartPolicy.StartAnew(slot);
        slot.After = AfterReclaim.Restart;
        slot.FailsWithGroup = false;
        slot.FailedBecause = null;
        slot.RestartAt = turn.Now;
        turn.Save(slot);
    }

    /// <summary>Stopped: nothing lives, all is clean.</summary>
    public static void Settle(Slot slot, Turn turn)
    {
        slot.Wanted = false;
        slot.IsInRound = slot.FailsWithGroup = false;
        slot.Phase = SlotPhase.Stopped;
        slot.Deadline = null;
        slot.FailedBecause = slot.StuckBecause = null;
        slot.RestartCounts = false;
        slot.RestartFollowsDeath = false;
        if (slot.Role != SlotRole.Active)
        {
            // The service goes on in its other slot.
            turn.Save(slot);
            turn.Order(new CloseOutput(slot.Key));
            return;
        }

        turn.Record(slot, EventKinds.ServiceStopped, new EventData().With("state", "stopped").With("exit_code", slot.LastDeath?.ExitCode));
        turn.Save(slot);
        turn.Order(new DropKept(slot.Name));
        AlertBook.Close(slot, turn, "stopped");
    }

    public static TimeSpan RetryDelay(int attempt, Turn turn)
    {
        var delay = turn.Options.ReclaimRetry * Math.Pow(2, Math.Clamp(attempt - 1, 0, 30));
        return delay > turn.Options.ReclaimRetryMax ? turn.Options.ReclaimRetryMax : delay;
    }

    private static void Note(Slot slot, Turn turn, ReclaimFinished outcome)
    {
        var steps = outcome.Steps.Count <= MaxSteps ? outcome.Steps : [.. outcome.Steps.Take(MaxSteps)];
        if (slot.LastDeath is { } death)
            slot.LastDeath = death with { Reclaimed = steps, ReclaimNanoseconds = outcome.TookNanoseconds };
        turn.Record(slot, EventKinds.ServiceReclaimed, new EventData()
            .With("steps", EventValue.List([.. steps.Select(Data)]))
            .With("took_us", outcome.TookNanoseconds / NanosecondsPerMicrosecond)
            .With("tree_empty", outcome.TreeEmpty)
            .With("attempt", outcome.Attempt));
    }

    // It holds nothing up, but the next generation will hardly get its port: better told now than after five deaths.
    private static void TellOfPorts(Slot slot, Turn turn, IReadOnlyList<ReclaimStep> steps)
    {
        slot.HeldPorts = null;
        var held = steps.Where(s => s is { Kind: ReclaimKind.Port, Outcome: ReclaimOutcome.Kept }).Select(s => $"{s.What}: {s.Reason}").ToList();
        if (held.Count == 0) return;
        slot.HeldPorts = string.Join("; ", held);
        if (slot.Wanted) AlertBook.Raise(slot, turn, AlertRule.ReclaimFailed, $"{slot.Name} does not find its port free: {slot.HeldPorts}");
    }

    private static void Proceed(Slot slot, Turn turn)
    {
        slot.Deadline = null;
        if (!slot.Wanted)
            Settle(slot, turn);
        else if (slot.After == AfterReclaim.Fail)
            BecomeFailed(slot, turn);
        else if (slot.After == AfterReclaim.Exit)
            BecomeExited(slot, turn);
        else if (turn.Now >= slot.RestartAt)
            Launching.Begin(slot, turn);
        else
            BackOff(slot, turn);
    }

    private static void BackOff(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Backoff;
        slot.Deadline = slot.RestartAt;
        slot.FailedBecause = null;
        turn.Record(slot, EventKinds.ServiceBackoff, new EventData()
            .With("delay_ms", (slot.RestartAt - turn.Now + 999_999) / 1_000_000)
            .With("attempt", slot.DeathsInRow));
        turn.Save(slot);
    }

    /// <summary>Failed: clean, and tried again by itself only after a long while.</summary>
    public static void BecomeFailed(Slot slot, Turn turn)
    {
        var delay = slot.FailsWithGroup ? GroupDelay(slot, turn) : RestartPolicy.RetryDelay(slot.Spec, slot.FailedRetries);
        slot.Phase = SlotPhase.Failed;
        slot.Deadline = delay is { } wait ? Monotonic.After(turn.Now, wait) : null;
        slot.IsInRound = slot.FailsWithGroup = false;
        slot.FailedBecause ??= "it died";
        turn.Record(slot, EventKinds.ServiceFailed, new EventData()
            .With("because", slot.FailedBecause)
            .With("retry_ms", delay is { } retry ? (long)retry.TotalMilliseconds : EventValue.Null));
        turn.Save(slot);
        var ports = slot.HeldPorts is { } held ? $" ({held})" : "";
        AlertBook.Raise(slot, turn, AlertRule.Failed, $"{slot.Name} failed: {slot.FailedBecause}{ports}");
    }

    // All members of a group are tried again at the same time.
    private static TimeSpan? GroupDelay(Slot slot, Turn turn) => slot.RestartAt >= Monotonic.Never
        ? null
        : TimeSpan.FromTicks(Math.Max(0, slot.RestartAt - turn.Now) / TimeSpan.NanosecondsPerTick);

    private static void BecomeExited(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Exited;
        slot.FailedBecause = null;
        turn.Record(slot, EventKinds.ServiceStopped, new EventData().With("state", "exited").With("exit_code", slot.LastDeath?.ExitCode));
        turn.Save(slot);
        AlertBook.Close(slot, turn, "exited");
    }

    private static DeathRecord LastDeath(Slot slot, Turn turn) => slot.LastDeath ?? new DeathRecord
    {
        Generation = slot.Generation,
        Reason = DeathReason.Lost,
        At = turn.TimeOf(turn.Now),
        ExitAt = turn.Now,
    };

    private static EventData Data(ReclaimStep step) => new EventData()
        .With("kind", JsonNames.Of(step.Kind))
        .With("what", step.What)
        .With("outcome", JsonNames.Of(step.Outcome))
        .With("reason", step.Reason);
}
