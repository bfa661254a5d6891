namespace Lifeline.Linux;

/// <summary>Readiness, for poll and epoll alike.</summary>
[Flags]
public enum PollEvents
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Something can be read.</summary>
    In = 1,

    /// <summary>Something exceptional, such as a changed cgroup.events.</summary>
    Priority = 2,

    /// <summary>Something can be written.</summary>
    Out = 4,

    /// <summary>An error; reported without being asked for.</summary>
    Error = 8,

    /// <summary>The other side is gone; reported without being asked for.</summary>
    HangUp = 16,

    /// <summary>The number is not open; reported without being asked for.</summary>
    Invalid = 32,
}

/// <summary>One descriptor that is waited for.</summary>
public struct PollItem
{
    /// <summary>Waits for events of a descriptor.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="events">The events.</param>
    public PollItem(Descriptor descriptor, PollEvents events)
    {
        Descriptor = descriptor;
        Events = events;
    }

    /// <summary>The descriptor; null is skipped.</summary>
    public Descriptor? Descriptor { get; set; }

    /// <summary>What is waited for.</summary>
    public PollEvents Events { get; set; }

    /// <summary>What happened.</summary>
    public PollEvents Returned { get; set; }
}
