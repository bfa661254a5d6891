using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>The way down: stop, kill, death.</summary>
internal static class Ending
{
    private const int NanosecondsPerMicrosecond = 1000;

    /// <summary>Asks a slot to stop, as soon as what depends on it has ended. Who is not ready serves nobody and need not wait.</summary>
    public static void HoldOrAsk(Slot slot, Turn turn, string cause)
    {
        if (slot.Phase != SlotPhase.Running || cause == StopCause.Group || Readiness.FirstToEnd(slot) is null)
        {
            AskToStop(slot, turn, cause);
            return;
        }

        slot.Phase = SlotPhase.Holding;
        turn.Save(slot);
    }

    /// <summary>It was to stop and was not asked yet: it goes on.</summary>
    public static void Resume(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Running;
        slot.Wanted = true;
        RestartPolicy.StartAnew(slot);
        turn.Save(slot);
    }

    public static void AskToStop(Slot slot, Turn turn, string cause, DeathReason reason = DeathReason.Stopped)
    {
        slot.Phase = SlotPhase.Stopping;
        slot.EndReason = reason;
        slot.EndReasonAt = turn.Now;
        slot.Deadline = Monotonic.After(turn.Now, slot.Spec.StopTimeout);
        slot.Heartbeat.End();
        Probes.End(slot, turn);
        turn.Record(slot, EventKinds.ServiceStopping, new EventData()
            .With("cause", cause)
            .With("signal", slot.Spec.StopSignal)
            .With("timeout_ms", (long)slot.Spec.StopTimeout.TotalMilliseconds));
        turn.Save(slot);
        OrderStop(slot, turn);
    }

    /// <summary>Whoever asked before may not have come to it.</summary>
    public static void AskAgain(Slot slot, Turn turn, InstanceReport report)
    {
        slot.Pid = report.Pid ?? slot.Pid;
        slot.Deadline = Math.Max(slot.Deadline ?? 0, Monotonic.After(turn.Now, turn.Options.RecoveryGrace));
        turn.Save(slot);
        OrderStop(slot, turn);
    }

    /// <summary>It was ending by itself, and now somebody wants it to end.</summary>
    public static void AskQuitting(Slot slot, Turn turn)
    {
        slot.EndReason = DeathReason.Stopped;
        slot.EndReasonAt = turn.Now;
        turn.Save(slot);
        OrderStop(slot, turn);
    }

    public static void Kill(Slot slot, Turn turn, DeathReason reason)
    {
        NoteReason(slot, turn, reason);
        slot.Phase = SlotPhase.Killing;
        slot.Kills = 0;
        slot.Heartbeat.End();
        Probes.End(slot, turn);
        KillAgain(slot, turn);
    }

    /// <summary>Nothing is asked of it first: whatever it does meanwhile needs more still. One that is being stopped was ended by its stop.</summary>
    public static void KillOverLimit(Slot slot, Turn turn, LimitExceeded over)
    {
        var isMemory = over.Kind == LimitKind.Memory;
        turn.Record(slot, EventKinds.ServiceOverLimit, new EventData()
            .With("limit", isMemory ? "memory" : "processes")
            .With(isMemory ? "memory_bytes" : "processes", over.Amount is { } amount ? amount : EventValue.Null)
            .With(isMemory ? "limit_bytes" : "limit_processes", over.Limit)
            .With("kernel", over.IsKernel));
        Kill(slot, turn, isMemory ? DeathReason.MemoryLimit : DeathReason.ProcessLimit);
    }

    public static void KillAgain(Slot slot, Turn turn)
    {
        slot.Kills++;
        if (slot.Phase == SlotPhase.Killing && slot.Kills > turn.Options.KillAttempts)
            BecomeUnkillable(slot, turn);
        slot.Deadline = slot.Phase == SlotPhase.Killing
            ? Monotonic.After(turn.Now, turn.Options.KillRepeat)
            : Monotonic.After(turn.Now, Remains.RetryDelay(slot.Kills - turn.Options.KillAttempts, turn));
        turn.Save(slot);
        turn.Order(new KillTree(slot.Key, slot.Generation));
    }

    /// <summary>
    /// Ended with a signal that lets it leave a core or a last word, and killed with its tree a moment later. Like a kill, nothing but
    /// its end counts from now on.
    /// </summary>
    public static void Abort(Slot slot, Turn turn, DeathReason reason)
    {
        NoteReason(slot, turn, reason);
        slot.Phase = SlotPhase.Killing;
        slot.Kills = 0;
        slot.Heartbeat.End();
        Probes.End(slot, turn);
        slot.Deadline = Monotonic.After(turn.Now, slot.Spec.HungGrace);
        turn.Save(slot);
        turn.Order(new SendSignal(slot.Key, slot.Generation, slot.Spec.HungSignal));
    }

    public static void Die(Slot slot, Turn turn, ProcessExit exit, long? exitAt, string? launchError = null)
    {
        if (slot.DiedGeneration >= slot.Generation) return;
        var neverLaunched = slot.ExecAt is null && exitAt is null;
        var reason = launchError is not null && slot.EndReason is null
            ? DeathReason.ExecFailed
            : Reason(slot, exit, exitAt);
        var wasAsked = slot.EndReason == DeathReason.Stopped;
        slot.LastDeath = Death(slot, turn, reason, exit, exitAt, launchError);
        Decide(slot, turn, reason, exit, exitAt ?? turn.Now, wasAsked, neverLaunched);
        LifeSigns.LastWords(slot, turn);
        slot.DiedGeneration = slot.Generation;
        turn.Record(slot, EventKinds.ServiceDied, Data(slot.LastDeath));
        var isNews = !wasAsked && slot.Wanted && slot.After != AfterReclaim.Exit && !(reason == DeathReason.Lost && neverLaunched);
        if (isNews) AlertBook.Raise(slot, turn, AlertRule.Died, $"{slot.Name} died: {Text(slot.LastDeath)}");
        slot.Pid = null;
        slot.IsDying = false;
        slot.DyingToldAt = null;
        slot.Heartbeat.End();
        Probes.End(slot, turn);
        Words.Reset(slot);
        slot.Sessions.Clear();
        slot.Status.Die();
        Remains.Begin(slot, turn);
    }

    /// <summary>It never came to its exec because what runs before took too long.</summary>
    public static void NoteTooLate(Slot slot, long at)
    {
        if (slot.EndReason is not null) return;
        slot.EndReason = DeathReason.StartTimeout;
        slot.EndReasonAt = at;
    }

    /// <summary>A death in words.</summary>
    public static string Text(DeathRecord death) => death.Reason switch
    {
        DeathReason.Signaled => $"signal {death.Signal}{(death.CoreDumped ? ", core dumped" : "")}",
        DeathReason.Exited => $"exit code {death.ExitCode}",
        DeathReason.ExecFailed => $"it could not be started: {death.Error}",
        DeathReason.Hung => "it was hung and was killed",
        DeathReason.Probe => "its probe failed and it was ended",
        DeathReason.MemoryLimit => "it went beyond its memory limit",
        DeathReason.ProcessLimit => "it had more processes than it may",
        DeathReason.StartTimeout when death.Error is { } error => error,
        DeathReason.StartTimeout => "it was not ready in time and was killed",
        DeathReason.Lost => "it is gone and nobody saw how",
        _ => "it was stopped",
    };

    /// <summary>Puts the last line that it wrote behind its death, where a text begins with that.</summary>
    public static string WithLastLine(string because, DeathRecord death, string line)
    {
        var cause = Text(death);
        var at = because.IndexOf(cause + ";", StringComparison.Ordinal);
        return at < 0 ? because : because.Insert(at + cause.Length, $", last line: \"{line}\"");
    }

    private static void NoteReason(Slot slot, Turn turn, DeathReason reason)
    {
        if (slot.EndReason is not null) return;
        slot.EndReason = reason;
        slot.EndReasonAt = turn.Now;
    }

    private static void OrderStop(Slot slot, Turn turn)
    {
        turn.Order(new AskToStop(slot.Key, slot.Generation, slot.Spec.StopTimeout));
        turn.Order(new SendSignal(slot.Key, slot.Generation, slot.Spec.StopSignal));
    }

    private static void BecomeUnkillable(Slot slot, Turn turn)
    {
        slot.Phase = SlotPhase.Unkillable;
        slot.StuckBecause = slot.KillError is { } refused
            ? string.Create(CultureInfo.InvariantCulture, $"{refused}, {slot.Kills - 1} times")
            : string.Create(CultureInfo.InvariantCulture, $"process {slot.Pid} outlived {slot.Kills - 1} kills; it may be stuck in the kernel");
        turn.Record(slot, EventKinds.ServiceFailed, new EventData().With("because", slot.StuckBecause).With("retry_ms", EventValue.Null));
        AlertBook.Raise(slot, turn, AlertRule.ReclaimFailed, $"{slot.Name} cannot be killed: {slot.StuckBecause}");
    }

    // An end that came before we wanted one has its own reason.
    private static DeathReason Reason(Slot slot, ProcessExit exit, long? exitAt)
    {
        if (slot.EndReason is { } wanted && (exitAt is null || exitAt >= slot.EndReasonAt)) return wanted;
        if (exit.MemoryLimit) return DeathReason.MemoryLimit;
        if (exit.Signal is not null) return DeathReason.Signaled;
        return exit.ExitCode is not null ? DeathReason.Exited : DeathReason.Lost;
    }

    private static void Decide(
        Slot slot, Turn turn, DeathReason reason, ProcessExit exit, long exitAt, bool wasAsked, bool neverLaunched)
    {
        slot.RestartFollowsDeath = slot.Wanted;
        slot.RestartCounts = false;
        // One that outlived its kills may die when its group has failed without it.
        var isGroups = slot.IsInRound || slot.FailsWithGroup;
        if (!isGroups) slot.RestartAt = turn.Now;
        slot.StuckBecause = null;
        if (!slot.FailsWithGroup) slot.FailedBecause = null;
        if (!slot.Wanted)
            slot.After = AfterReclaim.Stop;
        else if (slot.Role == SlotRole.Incoming && !(reason == DeathReason.Lost && neverLaunched))
            GiveUp(slot);
        else if (isGroups)
            GroupPolicy.Follow(slot, turn);
        else if (wasAsked || (reason == DeathReason.Lost && neverLaunched))
            slot.After = AfterReclaim.Restart;
        else
            RestartPolicy.Decide(slot, reason, exit.ExitCode, exitAt, turn);
    }

    // The one that it was to replace goes on; what follows is that one's affair.
    private static void GiveUp(Slot slot)
    {
        slot.Wanted = false;
        slot.After = AfterReclaim.Stop;
    }

    private static DeathRecord Death(
        Slot slot, Turn turn, DeathReason reason, ProcessExit exit, long? exitAt, string? error) => new()
    {
        Generation = slot.Generation,
        Reason = reason,
        ExitCode = exit.ExitCode,
        Signal = exit.Signal,
        CoreDumped = exit.CoreDumped,
        Error = error,
        At = turn.TimeOf(exitAt ?? turn.Now),
        Pid = slot.Pid,
        ExitAt = exitAt ?? turn.Now,
        DetectNanoseconds = exitAt is { } at ? Math.Max(0, turn.Now - at) : null,
    };

    private static EventData Data(DeathRecord death) => new EventData()
        .With("reason", JsonNames.Of(death.Reason))
        .With("signal", death.Signal)
        .With("exit_code", death.ExitCode)
        .With("core_dumped", death.CoreDumped)
        .With("pid", death.Pid)
        .With("error", death.Error)
        .With("detect_us", death.DetectNanoseconds is { } detect ? detect / NanosecondsPerMicrosecond : EventValue.Null);
}
