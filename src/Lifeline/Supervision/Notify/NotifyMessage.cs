namespace Lifeline.Supervision;

/// <summary>What a service says of its life.</summary>
internal enum LifeWord
{
    /// <summary>READY=1</summary>
    Ready,

    /// <summary>RELOADING=1</summary>
    Reloading,

    /// <summary>STOPPING=1</summary>
    Stopping,
}

/// <summary>Whose messages count.</summary>
internal enum NotifyAccess
{
    /// <summary>Those of all processes of the service.</summary>
    All,

    /// <summary>Those of the main process.</summary>
    Main,

    /// <summary>Nobody's any more.</summary>
    None,
}

/// <summary>One datagram of sd_notify, read. What is absent is null; what is not understood is left out.</summary>
internal sealed record NotifyMessage
{
    /// <summary>Of several in one message the last counts.</summary>
    public LifeWord? Life { get; init; }

    /// <summary>Empty: there is no status any more.</summary>
    public string? Status { get; init; }

    public bool Beat { get; init; }

    /// <summary>WATCHDOG=trigger</summary>
    public bool Trouble { get; init; }

    /// <summary>WATCHDOG_USEC; zero: not watched.</summary>
    public TimeSpan? Heartbeat { get; init; }

    /// <summary>EXTEND_TIMEOUT_USEC</summary>
    public TimeSpan? MoreTime { get; init; }

    public int? MainPid { get; init; }

    public int? Errno { get; init; }

    public string? ExitStatus { get; init; }

    public string? BusError { get; init; }

    public NotifyAccess? Access { get; init; }

    /// <summary>FDSTORE=1</summary>
    public bool Stores { get; init; }

    /// <summary>FDSTOREREMOVE=1</summary>
    public bool Removes { get; init; }

    /// <summary>FDNAME, if it is a valid one.</summary>
    public string? DescriptorName { get; init; }

    /// <summary>FDPOLL=0</summary>
    public bool IsUnpolled { get; init; }

    /// <summary>BARRIER=1: the descriptor that came along is closed when everything before it was heard.</summary>
    public bool IsBarrier { get; init; }

    /// <summary>Whether there is something in it for the decision loop.</summary>
    public bool IsNews => Life is not null || Status is not null || Beat || Trouble || Heartbeat is not null || MoreTime is not null
        || Errno is not null || ExitStatus is not null || BusError is not null;
}
