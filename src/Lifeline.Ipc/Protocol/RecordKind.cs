namespace Lifeline.Ipc.Protocol;

/// <summary>What a record is. Numbers are never reused; docs/protocol/session.md says what the fields mean for each.</summary>
internal enum RecordKind : byte
{
    /// <summary>None: no record has this number.</summary>
    None = 0,

    /// <summary>The first record of the side that connected.</summary>
    Hello = 1,

    /// <summary>The answer of the side that accepted.</summary>
    HelloAck = 2,

    /// <summary>A call that waits for a reply.</summary>
    Call = 3,

    /// <summary>A one-way call.</summary>
    OneWay = 4,

    /// <summary>The reply to a call.</summary>
    Reply = 5,

    /// <summary>The caller no longer waits.</summary>
    Cancel = 6,

    /// <summary>References to a stub of the receiver are given back.</summary>
    Release = 7,

    /// <summary>The receiver may send further requests.</summary>
    Credit = 8,

    /// <summary>Asks the home of a stub for a ticket for a third process.</summary>
    TicketRequest = 9,

    /// <summary>The ticket, or why there is none.</summary>
    TicketGrant = 10,

    /// <summary>A ticket on its way to the third process, before the record that refers to it.</summary>
    Ticket = 11,

    /// <summary>The third process gives the ticket to the home.</summary>
    Redeem = 12,

    /// <summary>The stub for the ticket, or why there is none.</summary>
    Redeemed = 13,

    /// <summary>The session ends, and why.</summary>
    Goodbye = 14,
}
