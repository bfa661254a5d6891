namespace Lifeline.Ipc.Transport;

/// <summary>What became of a record to be sent.</summary>
internal enum SendStatus
{
    /// <summary>It is on its way, or there is a place for it.</summary>
    Done,

    /// <summary>No room now; readiness will be told.</summary>
    Full,

    /// <summary>The peer receives no more.</summary>
    Closed,
}

/// <summary>What was there to be received.</summary>
internal enum ReceiveStatus
{
    /// <summary>A record.</summary>
    Record,

    /// <summary>The peer's doorbell for another session; more may follow.</summary>
    Look,

    /// <summary>Nothing now; readiness will be told.</summary>
    Empty,

    /// <summary>Nothing any more.</summary>
    Ended,
}
