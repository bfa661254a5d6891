using Lifeline.Ipc.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc.Transport;

/// <summary>
/// The seam below which bytes travel: ordered whole records with descriptors between two processes. Everything above it
/// is the same for memory, socket and rings in shared memory.
/// </summary>
/// <remarks>
/// The sending side is used by one thread at a time (the session's send gate), the receiving side as well (its receive
/// gate). Neither blocks. Readiness is told to the <see cref="IDoorbell"/> given at construction, or can be polled on <see cref="Pollable"/>.
/// </remarks>
internal interface ITransport : IDisposable
{
    /// <summary>What to watch for readiness: readable means receive, writable means send again. Null if the doorbell is rung instead.</summary>
    Descriptor? Pollable { get; }

    /// <summary>Whether there may be more to receive although <see cref="Pollable"/> does not say so, until receiving has said Empty.</summary>
    bool NeedsTurns { get; }

    /// <summary>Whether room after the last Full is told by <see cref="Pollable"/>; otherwise the doorbell is rung.</summary>
    bool IsRoomPolled { get; }

    /// <summary><see cref="Pollable"/> was reported: the next receiving is to look there.</summary>
    void NotePollable();

    /// <summary>Who is at the other end, as the kernel says now; asked when the connection is there and again after the peer's first record.</summary>
    CallerIdentity Identify();

    /// <summary>Gets a place for a record, valid until <see cref="Commit"/>.</summary>
    /// <param name="length">Its length: at most <see cref="Protocol.RecordHeader.MaxRecordSize"/>.</param>
    /// <param name="descriptors">How many descriptors will be committed with it.</param>
    /// <param name="record">The place. Others may read it, and change it, while it is written.</param>
    /// <returns>Done, Full or Closed; only with Done there is a place.</returns>
    SendStatus TryReserve(int length, int descriptors, out Span<byte> record);

    /// <summary>Sends the record that was written to the reserved place; the descriptors are duplicated on the way.</summary>
    /// <returns>Done, Full (nothing was sent; the place still holds the record until the next reservation) or Closed.</returns>
    /// <exception cref="IpcException">The kernel refuses this record (too many descriptors under way); the session is not harmed.</exception>
    SendStatus Commit(ReadOnlySpan<Descriptor> descriptors);

    /// <summary>Copies the next record out. Records sent before the end are delivered also when the peer is dead.</summary>
    /// <param name="buffer">At least <see cref="Protocol.RecordHeader.MaxRecordSize"/> bytes and one more, so that oversize shows.</param>
    /// <param name="length">The record's length.</param>
    /// <param name="descriptors">Its descriptors; the caller owns them.</param>
    /// <exception cref="Protocol.ProtocolViolationException">The record did not fit, or descriptors were lost.</exception>
    ReceiveStatus TryReceive(Span<byte> buffer, out int length, out Descriptor[] descriptors);

    /// <summary>Tells the peer in shared memory how many requests have been handled.</summary>
    /// <returns>False if there is none: a record has to tell it.</returns>
    bool TryGiveCredit(in InboxCredit credit) => false;

    /// <summary>Credit that the peer gave in shared memory since the last time. As for sending, one thread at a time.</summary>
    /// <param name="messages">Requests; 0 if the peer sends records instead.</param>
    /// <param name="bytes">Bytes.</param>
    /// <param name="wanted">Whether the doorbell is to be rung when more comes.</param>
    void TakeCredit(out long messages, out long bytes, bool wanted) => messages = bytes = 0;

    /// <summary>Ends the sending: the peer still receives what was committed, then the end.</summary>
    void Shutdown();
}
