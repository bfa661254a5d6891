namespace Lifeline.Keeper;

/// <summary>Where a launch ended that did not succeed. Sent as a number: only added to.</summary>
internal enum LaunchStep
{
    /// <summary>The keeper did not accept the order: the slot is occupied, the generation was used before, or a limit is reached.</summary>
    Refused = 1,

    /// <summary>No launcher could be started, or it died before its exec.</summary>
    Launcher = 2,

    /// <summary>The launcher was not done within <see cref="KeeperTiming.LaunchTimeout"/> and was killed.</summary>
    Timeout = 3,

    /// <summary>The keeper died during the launch. The launcher was killed; it may have got as far as exec, so reclaim as after a death.</summary>
    KeeperLost = 4,

    /// <summary>The order could not be read.</summary>
    Order = 5,

    /// <summary>Joining a control group.</summary>
    ControlGroup = 6,

    /// <summary>Setting a resource limit.</summary>
    Limits = 7,

    /// <summary>Setting the nice value.</summary>
    Nice = 8,

    /// <summary>Placing the descriptors.</summary>
    Descriptors = 9,

    /// <summary>Taking on groups, group and user.</summary>
    Identity = 10,

    /// <summary>Entering the working directory.</summary>
    WorkingDirectory = 11,

    /// <summary>Finding and executing the program.</summary>
    Execute = 12,

    /// <summary>The command that must succeed before the start did not.</summary>
    BeforeStart = 13,

    /// <summary>The command that must succeed before the start took too long and was killed.</summary>
    BeforeStartTimeout = 14,
}
