namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>Something the shell does wrong on purpose, to see that it is noticed.</summary>
internal enum HostFault
{
    None,

    /// <summary>The outcome of a reclaim is always "empty".</summary>
    LiesAboutReclaim,

    /// <summary>Exit notices are dropped before the death is in the journal.</summary>
    AcknowledgesEarly,

    /// <summary>Launches do not wait for their intent.</summary>
    LaunchesEarly,

    /// <summary>Saved records are thrown away.</summary>
    ForgetsRecords,

    /// <summary>The keeper's list misses what lives, and a reclaim kills nothing.</summary>
    ReclaimKillsNothing,

    /// <summary>The core does not learn what depends on what.</summary>
    HidesDependencies,

    /// <summary>The core does not learn of groups.</summary>
    HidesGroups,

    /// <summary>The core gets the services in another order than the file's.</summary>
    ReversesFile,
}
