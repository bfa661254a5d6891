namespace Lifeline.Keeper;

/// <summary>What a message is. 1–63 keeper to monitor, 64–127 monitor to keeper, 128–159 launcher to keeper.</summary>
internal enum KeeperMessageKind : ushort
{
    /// <summary>First message of a keeper: version, its pid, how many monitors it has started, whether a stop is asked for.</summary>
    Hello = 1,

    /// <summary>Name and, attached, the descriptor.</summary>
    HeldDescriptor = 2,

    /// <summary>A launcher that may be given a job from now on: pid, start time, its control group; attached, its pidfd.</summary>
    LauncherStarted = 3,

    /// <summary>Highest generation accepted for a slot.</summary>
    SlotGeneration = 4,

    /// <summary>A living process handed over: slot, generation, pid, start time, time of exec, control group; attached, its pidfd.</summary>
    HeldProcess = 5,

    /// <summary>A launch still under way: slot, generation, control group; its request id is that of the monitor that asked.</summary>
    LaunchInProgress = 6,

    /// <summary>All that is held has been handed over.</summary>
    HandoverEnd = 7,

    /// <summary>A launch succeeded: as <see cref="HeldProcess"/>, then how long its command before the start took.</summary>
    Launched = 8,

    /// <summary>A launch failed: slot, generation, step, errno, text, control group.</summary>
    LaunchFailed = 9,

    /// <summary>An instance ended: slot, generation, pid, exit, time, control group. Repeated to each new monitor until acknowledged.</summary>
    Exited = 10,

    /// <summary>Someone asked the keeper to stop everything; one byte says whether at once.</summary>
    StopRequested = 11,

    /// <summary>The keeper got SIGHUP.</summary>
    ReloadRequested = 12,

    /// <summary>Answer to a kind that this side does not know and that asked for an answer: the kind.</summary>
    NotUnderstood = 13,

    /// <summary>A request to adopt a process was accepted: slot, generation, pid.</summary>
    Adopted = 14,

    /// <summary>Answer to <see cref="Ping"/>.</summary>
    Pong = 15,

    /// <summary>A launcher runs a command before the start: slot, generation, control group. The outcome comes later.</summary>
    Preparing = 16,

    /// <summary>The last message of a keeper that replaces its program: the same process reads this socket again and is to be told everything.</summary>
    Continuing = 17,

    /// <summary>The monitor's decision loop lives.</summary>
    Alive = 64,

    /// <summary>The monitor serves.</summary>
    Ready = 65,

    /// <summary>Everything that was to be started is up, or not: exit code and text for the one who waits in <c>up -d</c>.</summary>
    Settled = 66,

    /// <summary>Start an instance; see <see cref="LaunchJobCodec"/>.</summary>
    Launch = 67,

    /// <summary>Hold a descriptor under a name; attached, the descriptor. Replaces one of the same name.</summary>
    PutDescriptor = 68,

    /// <summary>Close the descriptor of a name.</summary>
    DropDescriptor = 69,

    /// <summary>The exit of (slot, generation) is in the journal.</summary>
    Acknowledge = 70,

    /// <summary>Watch a process that this keeper did not start: as <see cref="HeldProcess"/>.</summary>
    AdoptProcess = 71,

    /// <summary>Everything is stopped: end with this exit code.</summary>
    Finish = 72,

    /// <summary>The monitor cannot start at all: exit code and text.</summary>
    StartFailed = 73,

    /// <summary>Where the groups of launchers are made: version of the control groups (1 or 2; 0: nowhere), path, and the folders of further hierarchies that each joins.</summary>
    GroupFolder = 74,

    /// <summary>Another process of a generation is its main one: slot, generation, pid, start time; attached, its pidfd.</summary>
    ChangeMain = 75,

    /// <summary>The process name that services see as their parent's.</summary>
    Present = 76,

    /// <summary>Answered with <see cref="Pong"/>, by older keepers with <see cref="NotUnderstood"/>: either is a sign of life.</summary>
    Ping = 77,

    /// <summary>Replace monitor, launchers and at last the keeper by another program: its path and the arguments before the hidden command.</summary>
    Upgrade = 78,

    /// <summary>First message of a monitor to the keeper that it started: its version and pid; attached, its pidfd and the lock.</summary>
    TakeOver = 80,

    /// <summary>An exit that an earlier keeper reported and that is not acknowledged yet: as <see cref="Exited"/>.</summary>
    KnownExit = 81,

    /// <summary>Highest generation an earlier keeper accepted for a slot.</summary>
    KnownGeneration = 82,

    /// <summary>The monitor has handed over all that it holds.</summary>
    TakeOverEnd = 83,

    /// <summary>The launcher waits for its job.</summary>
    LauncherReady = 128,

    /// <summary>The launcher's next act is exec; if its socket closes now without <see cref="LauncherFailed"/>, that was exec.</summary>
    LauncherExecuting = 129,

    /// <summary>The launcher could not do its job: step, errno, text.</summary>
    LauncherFailed = 130,

    /// <summary>The launcher runs a command before the start: milliseconds that it may take.</summary>
    LauncherPreparing = 131,
}
