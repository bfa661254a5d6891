namespace Lifeline.Monitor;

/// <summary>Looks a trigger up in <see cref="SlotTable"/> and does what stands there.</summary>
internal static class SlotMachine
{
    public static void Apply(Slot slot, Turn turn, in Occurrence what)
    {
        var action = turn.Table.Find(slot.Phase, what.Trigger);
        switch (action)
        {
            case SlotAction.Ignore or SlotAction.Refuse:
                break;
            case SlotAction.LaunchFresh or SlotAction.LaunchDue or SlotAction.LaunchRetry
                or SlotAction.LaunchUnblocked or SlotAction.NoteLaunched or SlotAction.NoteLaunchedAndKill
                or SlotAction.BecomeReady or SlotAction.RememberReady or SlotAction.Adopt:
                GoUp(slot, turn, action, what);
                break;
            case SlotAction.FinishReclaim or SlotAction.FailReclaim or SlotAction.ReclaimAgain or SlotAction.ReclaimStray
                or SlotAction.WantRunningAndReclaim or SlotAction.Settle:
                CleanUp(slot, turn, action, what);
                break;
            case SlotAction.TakeStatus or SlotAction.KeepStatus or SlotAction.NoteSign
                or SlotAction.NoteSession or SlotAction.NoteSessionLost or SlotAction.NoteDying or SlotAction.NoteClaim or SlotAction.TakeProbe:
                Listen(slot, turn, action, what);
                break;
            case SlotAction.NoteReadyAgain or SlotAction.NoteReloading or SlotAction.BeginQuitting or SlotAction.ExtendDeadline
                or SlotAction.SetHeartbeat or SlotAction.ChangeMain or SlotAction.RememberMain:
                Hear(slot, turn, action, what);
                break;
            case SlotAction.WantRunning or SlotAction.WantStopped:
                Want(slot, turn, action == SlotAction.WantRunning);
                break;
            default:
                GoDown(slot, turn, action, what);
                break;
        }
    }

    private static void GoUp(Slot slot, Turn turn, SlotAction action, in Occurrence what)
    {
        switch (action)
        {
            case SlotAction.LaunchFresh: Launching.BeginFresh(slot, turn); break;
            case SlotAction.LaunchDue or SlotAction.LaunchUnblocked: Launching.Begin(slot, turn); break;
            case SlotAction.LaunchRetry: Launching.BeginRetry(slot, turn); break;
            case SlotAction.BecomeReady: Launching.BecomeReady(slot, turn); break;
            case SlotAction.RememberReady: slot.ReadyEarly = true; break;
            case SlotAction.Adopt: Launching.Adopt(slot, turn, what.Report!); break;
            case SlotAction.NoteLaunched:
                Launching.NoteLaunched(slot, turn, what.Pid, what.StartTicks, what.ExecAt ?? turn.Now, what.PreparedNanoseconds);
                break;
            case SlotAction.NoteLaunchedAndKill:
                if (slot.ExecAt is null) Launching.NoteProcess(slot, turn, what.Pid, what.StartTicks, what.ExecAt ?? turn.Now, what.PreparedNanoseconds);
                Ending.KillAgain(slot, turn);
                break;
        }
    }

    private static void GoDown(Slot slot, Turn turn, SlotAction action, in Occurrence what)
    {
        switch (action)
        {
            case SlotAction.BeginStop:
                slot.Wanted = false;
                Ending.HoldOrAsk(slot, turn, what.Cause);
                break;
            case SlotAction.BeginYield: Ending.HoldOrAsk(slot, turn, what.Cause); break;
            case SlotAction.EndHold: Ending.AskToStop(slot, turn, StopCause.Of(slot, turn)); break;
            case SlotAction.Resume: Ending.Resume(slot, turn); break;
            case SlotAction.BeginRestart:
                slot.Wanted = true;
                RestartPolicy.StartAnew(slot);
                Ending.AskToStop(slot, turn, what.Cause);
                break;
            case SlotAction.AskAgain: Ending.AskAgain(slot, turn, what.Report!); break;
            case SlotAction.Signal: turn.Order(new SendSignal(slot.Key, slot.Generation, ((KillOrder)what.Event!).Signal)); break;
            case SlotAction.KillUnready:
                Probes.TellUnready(slot, turn);
                Ending.Kill(slot, turn, Contracts.DeathReason.StartTimeout);
                break;
            case SlotAction.KillUnlaunched: Ending.Kill(slot, turn, Contracts.DeathReason.StartTimeout); break;
            case SlotAction.AskWhySilent: HangJudgement.Ask(slot, turn); break;
            case SlotAction.JudgeSilence: HangJudgement.Judge(slot, turn, (what.Event as SilenceDiagnosed)?.Evidence); break;
            case SlotAction.KillHung: HangJudgement.BelieveIt(slot, turn); break;
            case SlotAction.KillOverLimit: Ending.KillOverLimit(slot, turn, (LimitExceeded)what.Event!); break;
            case SlotAction.KillUnstopped:
                // Nobody asked it to stop: it said that it would end, and did not.
                Ending.Kill(slot, turn, what.Trigger == SlotTrigger.Deadline ? Contracts.DeathReason.Hung : Contracts.DeathReason.Stopped);
                break;
            case SlotAction.KillAgain: Ending.KillAgain(slot, turn); break;
            case SlotAction.Die: Ending.Die(slot, turn, what.Exit, what.ExitAt); break;
            case SlotAction.DieUnlaunched:
                var failed = (LaunchFailed)what.Event!;
                if (failed.IsTooLate) Ending.NoteTooLate(slot, failed.FailedAt);
                if (failed.IsLost) Ending.Die(slot, turn, ProcessExit.Unknown, null);
                else Ending.Die(slot, turn, ProcessExit.Unknown, failed.FailedAt, failed.Error);
                break;
            case SlotAction.DieLost: Ending.Die(slot, turn, ProcessExit.Unknown, null); break;
            default: throw new InvalidOperationException($"Nothing does {action}.");
        }
    }

    private static void CleanUp(Slot slot, Turn turn, SlotAction action, in Occurrence what)
    {
        switch (action)
        {
            case SlotAction.FinishReclaim: Remains.Finish(slot, turn, (ReclaimFinished)what.Event!); break;
            case SlotAction.FailReclaim: Remains.Fail(slot, turn, what.Event as ReclaimFinished); break;
            case SlotAction.ReclaimAgain: Remains.Begin(slot, turn); break;
            case SlotAction.ReclaimStray: Remains.ReclaimStray(slot, turn); break;
            case SlotAction.Settle: Remains.Settle(slot, turn); break;
            case SlotAction.WantRunningAndReclaim:
                Remains.WantRunning(slot, turn);
                Remains.Begin(slot, turn);
                break;
        }
    }

    private static void Listen(Slot slot, Turn turn, SlotAction action, in Occurrence what)
    {
        switch (action)
        {
            case SlotAction.TakeStatus: LifeSigns.TakeStatus(slot, turn, ((StatusChanged)what.Event!).Report); break;
            case SlotAction.KeepStatus: LifeSigns.KeepStatus(slot, turn, ((StatusChanged)what.Event!).Report); break;
            case SlotAction.NoteSign: slot.Heartbeat.NoteSign(turn.Now); break;
            case SlotAction.TakeProbe: Probes.Take(slot, turn, (ProbeResult)what.Event!); break;
            case SlotAction.NoteSession: LifeSigns.NoteSession(slot, turn, ((SessionOpened)what.Event!).Session); break;
            case SlotAction.NoteSessionLost: LifeSigns.NoteSessionLost(slot, turn, (SessionLost)what.Event!); break;
            case SlotAction.NoteDying: LifeSigns.NoteDying(slot, turn, ((ProcessDying)what.Event!).Pid); break;
            case SlotAction.NoteClaim when what.Event is ResourceClaimed claim:
                LifeSigns.NoteClaim(slot, turn, new(claim.Kind, claim.What), isTaken: true);
                break;
            case SlotAction.NoteClaim when what.Event is ThingsFound found: LifeSigns.NoteFound(slot, turn, found.Found); break;
            case SlotAction.NoteClaim when what.Event is KillRefused refused: slot.KillError = refused.Error; break;
            case SlotAction.NoteClaim when what.Event is ResourceUnclaimed claim:
                LifeSigns.NoteClaim(slot, turn, new(claim.Kind, claim.What), isTaken: false);
                break;
        }
    }

    private static void Hear(Slot slot, Turn turn, SlotAction action, in Occurrence what)
    {
        switch (action)
        {
            case SlotAction.NoteReadyAgain: Words.EndReload(slot, turn); break;
            case SlotAction.NoteReloading: Words.BeginReload(slot, turn); break;
            case SlotAction.BeginQuitting: Words.BeginQuitting(slot, turn); break;
            case SlotAction.ExtendDeadline: Words.Extend(slot, turn, ((MoreTimeAsked)what.Event!).Time); break;
            case SlotAction.SetHeartbeat: Words.SetHeartbeat(slot, turn, ((HeartbeatTold)what.Event!).Heartbeat); break;
            case SlotAction.ChangeMain: Words.ChangeMain(slot, turn, (MainProcessTold)what.Event!); break;
            case SlotAction.RememberMain: slot.EarlyMain = (MainProcessTold)what.Event!; break;
        }
    }

    private static void Want(Slot slot, Turn turn, bool running)
    {
        if (slot is { Phase: SlotPhase.Stopping, EndReason: null })
            Ending.AskQuitting(slot, turn);
        if (running && slot.Phase == SlotPhase.Reclaiming)
        {
            Remains.WantRunning(slot, turn);
            return;
        }

        if (slot.Wanted == running) return;
        slot.Wanted = running;
        if (running) RestartPolicy.StartAnew(slot);
        else slot.After = AfterReclaim.Stop;
        turn.Save(slot);
    }
}
