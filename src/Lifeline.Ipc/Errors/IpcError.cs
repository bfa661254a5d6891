namespace Lifeline.Ipc;

/// <summary>What went wrong in a call or with a parcel, as a number that travels in a reply.</summary>
/// <remarks>
/// 1901000 to 1901007 are the numbers of the HarmonyOS IPC Kit; 1909000 to 1909999
/// (<see cref="IpcErrorRanges.UserMin"/> to <see cref="IpcErrorRanges.UserMax"/>) belong to the
/// handlers of services and mean what the service says; small numbers are Lifeline's own.
/// Values are never renumbered or reused.
/// </remarks>
public enum IpcError
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>No reply within the call's timeout. The call may still be executed.</summary>
    Timeout = 1,

    /// <summary>The caller cancelled the call. It may still be executed.</summary>
    Cancelled = 2,

    /// <summary>The receiver's queue for one-way calls is full; nothing was queued.</summary>
    QueueFull = 3,

    /// <summary>A message or value is larger than a named limit.</summary>
    TooLarge = 4,

    /// <summary>The name in the registry belongs to somebody else who is alive.</summary>
    NameTaken = 5,

    /// <summary>There is nothing of that name or number.</summary>
    NotFound = 6,

    /// <summary>The kernel's identity of the caller does not allow this.</summary>
    PermissionDenied = 7,

    /// <summary>The peer speaks another version of the protocol, or no such protocol.</summary>
    ProtocolMismatch = 8,

    /// <summary>The handler failed with an exception that is not an <see cref="IpcException"/>.</summary>
    Handler = 9,

    /// <summary>The request was meant for another interface than the stub's.</summary>
    InterfaceMismatch = 10,

    /// <summary>A named limit on the number of things (objects, sessions, calls in flight) is reached.</summary>
    LimitReached = 11,

    /// <summary>A parameter is wrong.</summary>
    CheckParam = 1_901_000,

    /// <summary>A value could not be written into a parcel.</summary>
    ParcelWrite = 1_901_001,

    /// <summary>A value could not be read from a parcel.</summary>
    ParcelRead = 1_901_002,

    /// <summary>A memory allocator given by the caller failed (C interface only).</summary>
    Allocator = 1_901_003,

    /// <summary>The request code is not one of the stub's, or not in 1 to 0x00FFFFFF.</summary>
    CodeOutOfRange = 1_901_004,

    /// <summary>The process that holds the object is gone, or the session to it has ended.</summary>
    DeadObject = 1_901_005,

    /// <summary>The handler answered an error number that it may not use.</summary>
    InvalidUserCode = 1_901_006,

    /// <summary>An error inside the IPC kit.</summary>
    Inner = 1_901_007,
}
