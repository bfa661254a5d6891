namespace Lifeline.Contracts;

/// <summary>What kind of thing a dead service left behind.</summary>
public enum ReclaimKind
{
    /// <summary>A process of its tree.</summary>
    Process,

    /// <summary>A name in the registry.</summary>
    Name,

    /// <summary>A session with the monitor.</summary>
    Session,

    /// <summary>Something claimed at run time that is of no other kind.</summary>
    Claim,

    /// <summary>A file, socket or folder.</summary>
    Path,

    /// <summary>A System V shared memory segment.</summary>
    SysVShm,

    /// <summary>A System V semaphore set.</summary>
    SysVSem,

    /// <summary>A System V message queue.</summary>
    SysVMsg,

    /// <summary>The user's own cleaning command.</summary>
    Command,

    /// <summary>A port of the service: it is looked at, never taken away from anybody.</summary>
    Port,
}
