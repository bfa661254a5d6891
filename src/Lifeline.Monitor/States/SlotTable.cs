using static Lifeline.Monitor.SlotAction;
using static Lifeline.Monitor.SlotTrigger;

namespace Lifeline.Monitor;

/// <summary>
/// The state machine of a slot: what each trigger does in each phase. Total: every pair stands here, also those where nothing
/// happens. Triggers are about the slot's current generation; whatever is about another one never gets here.
/// </summary>
internal sealed class SlotTable
{
    private readonly Cell[,] _cells;

    private SlotTable(Cell[,] cells) => _cells = cells;

    /// <summary>The table the monitor works by.</summary>
    public static SlotTable Default { get; } = new(Build(
        In(SlotPhase.Stopped,
            On(Start, LaunchFresh),
            On(Restart, LaunchFresh),
            On(Kill, Refuse),
            On(Status, KeepStatus),
            On(ListedAlive, ReclaimStray),
            On(ListedLaunching, ReclaimStray),
            Ignored("already stopped", Stop, StopNow),
            Ignored("the generation is dead and stays dead", [Launched, LaunchRefused, Exited, Ready, Beat, SessionNew, SessionGone, Dying, Claim, Probed, OverLimit, .. Words]),
            Ignored("already reclaimed", ReclaimEmpty, ReclaimIncomplete),
            Ignored("as it should be", NotListed),
            Ignored("nothing is timed", Deadline, Silent, Diagnosed),
            Ignored("nothing lives that could stop", Yield, DependentsGone),
            Ignored("it is not wanted", Unblocked)),

        In(SlotPhase.Launching,
            On(Start, WantRunning),
            On(Restart, WantRunning),
            On(Stop, WantStopped),
            On(StopNow, KillUnstopped),
            On(Kill, Refuse),
            On(Launched, NoteLaunched),
            On(LaunchRefused, DieUnlaunched),
            On(Exited, Die),
            On(Ready, RememberReady),
            On(Status, TakeStatus),
            On(NewHeartbeat, SetHeartbeat),
            On(NewMain, RememberMain),
            On(SessionNew, NoteSession),
            On(SessionGone, NoteSessionLost),
            On(Dying, NoteDying),
            On(Claim, NoteClaim),
            On(Deadline, KillUnlaunched),
            On(ListedAlive, NoteLaunched),
            On(NotListed, DieLost),
            Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
            Ignored("not watched before it is ready or registered", Beat, Silent, Diagnosed),
            Ignored("not probed or measured before its exec", Probed, OverLimit),
            Ignored("nothing to reload, end or extend before the exec is known", Reloading, Quitting, Trouble, MoreTime),
            Ignored("as it should be", ListedLaunching),
            Ignored("asked when it is launched", Yield),
            Ignored("nothing waits for that", DependentsGone, Unblocked)),

        In(SlotPhase.Starting,
            On(Start, WantRunning),
            On(Restart, BeginRestart),
            On(Stop, BeginStop),
            On(Yield, BeginYield),
            On(StopNow, KillUnstopped),
            On(Kill, Signal),
            On(Exited, Die),
            On(Ready, BecomeReady),
            On(Status, TakeStatus),
            On(Beat, NoteSign),
            On(Quitting, BeginQuitting),
            On(Trouble, KillHung),
            On(MoreTime, ExtendDeadline),
            On(NewHeartbeat, SetHeartbeat),
            On(NewMain, ChangeMain),
            Ignored("it is not ready yet anyway", Reloading),
            On(SessionNew, NoteSession),
            On(SessionGone, NoteSessionLost),
            On(Dying, NoteDying),
            On(Claim, NoteClaim),
            On(Deadline, KillUnready),
            On(Silent, AskWhySilent),
            On(Diagnosed, JudgeSilence),
            On(Probed, TakeProbe),
            On(OverLimit, KillOverLimit),
            On(ListedAlive, Adopt),
            On(NotListed, DieLost),
            Ignored("already launched", Launched, LaunchRefused, ListedLaunching),
            Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
            Ignored("nothing waits for that", DependentsGone, Unblocked)),

        In(SlotPhase.Running,
            On(Start, WantRunning),
            On(Restart, BeginRestart),
            On(Stop, BeginStop),
            On(Yield, BeginYield),
            On(StopNow, KillUnstopped),
            On(Kill, Signal),
            On(Exited, Die),
            On(Ready, NoteReadyAgain),
            On(Status, TakeStatus),
            On(Beat, NoteSign),
            On(Reloading, NoteReloading),
            On(Quitting, BeginQuitting),
            On(Trouble, KillHung),
            On(MoreTime, ExtendDeadline),
            On(NewHeartbeat, SetHeartbeat),
            On(NewMain, ChangeMain),
            On(SessionNew, NoteSession),
            On(SessionGone, NoteSessionLost),
            On(Dying, NoteDying),
            On(Claim, NoteClaim),
            On(Silent, AskWhySilent),
            On(Diagnosed, JudgeSilence),
            On(Probed, TakeProbe),
            On(OverLimit, KillOverLimit),
            On(ListedAlive, Adopt),
            On(NotListed, DieLost),
            Ignored("already launched", Launched, LaunchRefused, ListedLaunching),
            Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
            Ignored("running has no deadline", Deadline),
            Ignored("nothing waits for that", DependentsGone, Unblocked)),

        In(SlotPhase.Holding,
            On(Start, Resume),
            On(Restart, BeginRestart),
            On(Stop, WantStopped),
            On(DependentsGone, EndHold),
            On(StopNow, KillUnstopped),
            On(Kill, Signal),
            On(Exited, Die),
            On(Ready, NoteReadyAgain),
            On(Status, TakeStatus),
            On(Beat, NoteSign),
            On(Reloading, NoteReloading),
            On(Quitting, BeginQuitting),
            On(Trouble, KillHung),
            On(MoreTime, ExtendDeadline),
            On(NewHeartbeat, SetHeartbeat),
            On(NewMain, ChangeMain),
            On(SessionNew, NoteSession),
            On(SessionGone, NoteSessionLost),
            On(Dying, NoteDying),
            On(Claim, NoteClaim),
            On(Silent, AskWhySilent),
            On(Diagnosed, JudgeSilence),
            On(Probed, TakeProbe),
            On(OverLimit, KillOverLimit),
            On(ListedAlive, Adopt),
            On(NotListed, DieLost),
            Ignored("already launched", Launched, LaunchRefused, ListedLaunching),
            Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
            Ignored("what it waits for has deadlines", Deadline),
            Ignored("already to be stopped", Yield, Unblocked)),

        In(SlotPhase.Stopping,
            On(Start, WantRunning),
            On(Restart, WantRunning),
            On(Stop, WantStopped),
            On(StopNow, KillUnstopped),
            On(Kill, Signal),
            On(Exited, Die),
            On(Status, TakeStatus),
            On(SessionNew, NoteSession),
            On(SessionGone, NoteSessionLost),
            On(Dying, NoteDying),
            On(Claim, NoteClaim),
            On(MoreTime, ExtendDeadline),
            On(NewMain, ChangeMain),
            On(OverLimit, KillOverLimit),
            On(Deadline, KillUnstopped),
            On(ListedAlive, AskAgain),
            On(NotListed, DieLost),
            Ignored("already launched", Launched, LaunchRefused, ListedLaunching),
            Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
            Ignored("too late to become ready", Ready, Reloading),
            Ignored("known", Quitting),
            Ignored("it may be silent while it stops", Beat, Silent, Diagnosed, Probed, Trouble, NewHeartbeat),
            Ignored("already asked to stop", Yield, DependentsGone, Unblocked)),

        In(SlotPhase.Killing, [
            On(Deadline, KillAgain),
            .. Doomed]),

        In(SlotPhase.Unkillable, [
            On(Deadline, KillAgain),
            .. Doomed]),

        In(SlotPhase.Reclaiming,
            On(Start, WantRunning),
            On(Restart, WantRunning),
            On(Stop, WantStopped),
            On(Kill, Refuse),
            On(Status, KeepStatus),
            On(ReclaimEmpty, FinishReclaim),
            On(ReclaimIncomplete, FailReclaim),
            On(Deadline, FailReclaim),
            On(ListedAlive, ReclaimStray),
            On(ListedLaunching, ReclaimStray),
            Ignored("what must be waited for is waited for", StopNow),
            Ignored("the generation is dead and stays dead", [Launched, LaunchRefused, Exited, Ready, Beat, SessionNew, SessionGone, Dying, Claim, Probed, OverLimit, .. Words]),
            Ignored("as it should be", NotListed),
            Ignored("the dead are silent", Silent, Diagnosed),
            Ignored("looked at when it is clean", Yield, DependentsGone, Unblocked)),

        In(SlotPhase.ReclaimFailed,
            On(Start, WantRunningAndReclaim),
            On(Restart, WantRunningAndReclaim),
            On(Stop, WantStopped),
            On(Kill, Refuse),
            On(Status, KeepStatus),
            On(ReclaimEmpty, FinishReclaim),
            On(Deadline, ReclaimAgain),
            On(ListedAlive, ReclaimStray),
            On(ListedLaunching, ReclaimStray),
            Ignored("known", ReclaimIncomplete),
            Ignored("what must be waited for is waited for", StopNow),
            Ignored("the generation is dead and stays dead", [Launched, LaunchRefused, Exited, Ready, Beat, SessionNew, SessionGone, Dying, Claim, Probed, OverLimit, .. Words]),
            Ignored("as it should be", NotListed),
            Ignored("the dead are silent", Silent, Diagnosed),
            Ignored("looked at when it is clean", Yield, DependentsGone, Unblocked)),

        In(SlotPhase.Waiting, [
            On(Unblocked, LaunchUnblocked),
            Ignored("nothing is timed", Deadline),
            .. Clean]),

        In(SlotPhase.Backoff, [
            On(Deadline, LaunchDue),
            Ignored("its delay comes first", Unblocked),
            .. Clean]),

        In(SlotPhase.Failed, [
            On(Deadline, LaunchRetry),
            Ignored("its retry comes first", Unblocked),
            .. Clean]),

        In(SlotPhase.Exited, [
            Ignored("nothing is timed", Deadline),
            Ignored("it is done", Unblocked),
            .. Clean])));

    /// <summary>What a trigger does in a phase.</summary>
    public SlotAction Find(SlotPhase phase, SlotTrigger trigger) => _cells[(int)phase, (int)trigger].Action;

    /// <summary>Why nothing happens there; null where something does.</summary>
    public string? WhyIgnored(SlotPhase phase, SlotTrigger trigger) => _cells[(int)phase, (int)trigger].Why;

    /// <summary>A table with one cell replaced: for tests that show what a wrong cell breaks.</summary>
    public SlotTable With(SlotPhase phase, SlotTrigger trigger, SlotAction action)
    {
        var cells = (Cell[,])_cells.Clone();
        cells[(int)phase, (int)trigger] = new(true, action, null);
        return new(cells);
    }

    // KILL was sent: only the end counts.
    private static Entry[] Doomed =>
    [
        On(Start, WantRunning),
        On(Restart, WantRunning),
        On(Stop, WantStopped),
        On(StopNow, KillAgain),
        On(Kill, Signal),
        On(Launched, NoteLaunchedAndKill),
        On(LaunchRefused, DieUnlaunched),
        On(Exited, Die),
        On(Status, TakeStatus),
        On(SessionNew, NoteSession),
        On(SessionGone, NoteSessionLost),
        On(Dying, NoteDying),
        On(Claim, NoteClaim),
        On(ListedAlive, KillAgain),
        On(ListedLaunching, KillAgain),
        On(NotListed, DieLost),
        Ignored("not dead", ReclaimEmpty, ReclaimIncomplete),
        Ignored("too late to become ready", Ready),
        Ignored("already being killed", [Beat, Silent, Diagnosed, Probed, OverLimit, Yield, DependentsGone, Unblocked, .. Words]),
    ];

    // What a service says of itself beside its state.
    private static SlotTrigger[] Words => [Reloading, Quitting, Trouble, MoreTime, NewHeartbeat, NewMain];

    // Dead, reclaimed, proven empty.
    private static Entry[] Clean =>
    [
        On(Start, LaunchFresh),
        On(Restart, LaunchFresh),
        On(Stop, Settle),
        On(StopNow, Settle),
        On(Kill, Refuse),
        On(Status, KeepStatus),
        On(ListedAlive, ReclaimStray),
        On(ListedLaunching, ReclaimStray),
        Ignored("the generation is dead and stays dead", [Launched, LaunchRefused, Exited, Ready, Beat, SessionNew, SessionGone, Dying, Claim, Probed, OverLimit, .. Words]),
        Ignored("already reclaimed", ReclaimEmpty, ReclaimIncomplete),
        Ignored("as it should be", NotListed),
        Ignored("the dead are silent", Silent, Diagnosed),
        Ignored("nothing lives that could stop", Yield, DependentsGone),
    ];

    private static Entry On(SlotTrigger trigger, SlotAction action) => new(action, null, [trigger]);

    private static Entry Ignored(string why, params SlotTrigger[] triggers) => new(Ignore, why, triggers);

    private static Row In(SlotPhase phase, params Entry[] entries) => new(phase, entries);

    private static Cell[,] Build(params Row[] rows)
    {
        var phases = Enum.GetValues<SlotPhase>().Length;
        var triggers = Enum.GetValues<SlotTrigger>().Length;
        var cells = new Cell[phases, triggers];
        var filled = 0;
        foreach (var row in rows)
        {
            foreach (var entry in row.Entries)
            {
                foreach (var trigger in entry.Triggers)
                {
                    if (cells[(int)row.Phase, (int)trigger].IsSet)
                        throw new InvalidOperationException($"The slot table has two cells for {row.Phase} × {trigger}.");
                    cells[(int)row.Phase, (int)trigger] = new(true, entry.Action, entry.Why);
                    filled++;
                }
            }
        }

        return filled == phases * triggers
            ? cells
            : throw new InvalidOperationException($"The slot table has {filled} of {phases * triggers} cells.");
    }

    private readonly record struct Cell(bool IsSet, SlotAction Action, string? Why);

    private sealed record Entry(SlotAction Action, string? Why, SlotTrigger[] Triggers);

    private sealed record Row(SlotPhase Phase, Entry[] Entries);
}
