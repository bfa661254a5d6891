using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>An order to start one instance. Everything the new process gets is named here; nothing is inherited.</summary>
internal sealed record LaunchJob
{
    /// <summary>Place of the instance; at most one lives in it. 1 to <see cref="KeeperProtocol.MaxNameBytes"/> bytes.</summary>
    public required string Slot { get; init; }

    /// <summary>Above every generation that was accepted for the slot before.</summary>
    public required int Generation { get; init; }

    /// <summary>The program and its arguments. A program without a slash is searched in PATH of <see cref="Environment"/>.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, in this order.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    /// <summary>Names of variables that get the pid of the new process (WATCHDOG_PID, LISTEN_PID).</summary>
    public IReadOnlyList<string> PidVariables { get; init; } = [];

    /// <summary>Absolute path, entered with the new identity.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>It needs the control group that its launcher was given (<see cref="KeeperLink.UseGroups"/>); which one comes with the outcome.</summary>
    public bool OwnGroup { get; init; }

    /// <summary>Files the launcher writes itself into (cgroup.procs), in this order; one for each hierarchy.</summary>
    public IReadOnlyList<string> ControlGroupJoinFiles { get; init; } = [];

    /// <summary>File creation mask; null leaves the keeper's.</summary>
    public int? Umask { get; init; }

    /// <summary>-20 to 19; null leaves the keeper's.</summary>
    public int? Nice { get; init; }

    /// <summary>Resource limits. Without one for open files the soft limit is <see cref="LauncherProgram.DefaultOpenFiles"/>, as a service expects.</summary>
    public IReadOnlyList<LaunchLimit> Limits { get; init; } = [];

    /// <summary>User and groups to become; null stays what the keeper is.</summary>
    public LaunchIdentity? Identity { get; init; }

    /// <summary>Name of a held descriptor for standard output; null is /dev/null.</summary>
    public string? StandardOutput { get; init; }

    /// <summary>Name of a held descriptor for standard error; null is /dev/null.</summary>
    public string? StandardError { get; init; }

    /// <summary>Further descriptors, by name in the keeper and number in the service (3 to <see cref="KeeperProtocol.MaxDescriptorTarget"/>).</summary>
    public IReadOnlyList<LaunchDescriptor> Descriptors { get; init; } = [];

    /// <summary>Values that the launcher writes into its own control groups before it takes on the identity: limits of memory, for example.</summary>
    public IReadOnlyList<LaunchGroupValue> GroupValues { get; init; } = [];

    /// <summary>Program and arguments that must succeed before the exec, with everything the service gets but its descriptors beyond the standard ones; empty: none.</summary>
    public IReadOnlyList<string> BeforeStart { get; init; } = [];

    /// <summary>How long <see cref="BeforeStart"/> may take.</summary>
    public TimeSpan BeforeStartTimeout { get; init; }

    /// <summary>Only keepers of <see cref="KeeperProtocol.HooksVersion"/> can do what it asks for.</summary>
    public bool NeedsHooks => GroupValues.Count > 0 || BeforeStart.Count > 0;
}

/// <summary>One resource limit; <see cref="ulong.MaxValue"/> is unlimited.</summary>
internal readonly record struct LaunchLimit(ResourceLimit Resource, ulong Soft, ulong Hard);

/// <summary>A value for a control group of the launcher.</summary>
/// <param name="Hierarchy">0: its main group; from 1 on the further ones of <see cref="KeeperLink.UseGroups"/>, in their order.</param>
/// <param name="File">Name of the file.</param>
/// <param name="Value">What is written.</param>
/// <param name="IsOptional">A kernel without the file is no failure.</param>
internal readonly record struct LaunchGroupValue(int Hierarchy, string File, string Value, bool IsOptional);

/// <summary>User, group and supplementary groups.</summary>
internal sealed record LaunchIdentity(uint Uid, uint Gid, IReadOnlyList<uint> Groups);

/// <summary>A descriptor that the keeper holds as <paramref name="Name"/> and the service gets as <paramref name="Target"/>.</summary>
internal readonly record struct LaunchDescriptor(string Name, int Target);
