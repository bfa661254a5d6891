using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Sending;

/// <summary>What the objects of an outgoing parcel mean in its session, and what must be undone if it is not sent after all.</summary>
internal sealed class OutgoingObjects(int count)
{
    /// <summary>How each object is said on the wire, in the order of the parcel.</summary>
    internal WireObject[] Wire { get; } = new WireObject[count];

    /// <summary>The descriptors, owned by the parcel.</summary>
    internal Descriptor[] Descriptors { get; set; } = [];

    /// <summary>The handles under which own stubs were exported for this record, one entry for each reference.</summary>
    internal List<ulong> Exported { get; } = [];

    /// <summary>Tickets that must go before the record; null if no stub of a third process is in it.</summary>
    internal List<OutgoingTicket>? Tickets { get; set; }
}

/// <summary>A ticket that a record refers to, on its way from the home of the stub.</summary>
/// <param name="Id">Its number in the session that the record goes to.</param>
/// <param name="Grant">Completes with the ticket, or fails with why there is none; then the receiver gets a dead proxy.</param>
internal readonly record struct OutgoingTicket(ulong Id, Task<TicketGrant> Grant);
