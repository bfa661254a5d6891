namespace Lifeline.Contracts;

/// <summary>What a service may claim as its own at run time, to be reclaimed when it dies. The numbers are part of the protocol.</summary>
public enum ClaimKind
{
    /// <summary>An absolute path of a file or socket.</summary>
    Path = 1,

    /// <summary>The id of a System V shared memory segment, in decimal.</summary>
    SysVShm = 2,

    /// <summary>The id of a System V semaphore set, in decimal.</summary>
    SysVSem = 3,

    /// <summary>The id of a System V message queue, in decimal.</summary>
    SysVMsg = 4,
}
