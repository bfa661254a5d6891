namespace Lifeline.Ipc;

/// <summary>Why a shared stream ended with an error.</summary>
public enum SharedStreamFault
{
    /// <summary>The other side's process died, or its end was dropped, without ending the stream.</summary>
    PeerDied,

    /// <summary>The reader is disposed: nobody will read what is written.</summary>
    ReaderClosed,

    /// <summary>The other side wrote over the ring's indexes.</summary>
    Corrupted,
}
