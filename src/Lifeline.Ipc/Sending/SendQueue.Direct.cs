using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;

namespace Lifeline.Ipc.Sending;

// Plain data straight into the rings.
internal sealed partial class SendQueue : ISpinCondition
{
    /// <summary>Sends a request or reply without objects straight through the rings, if nothing stands in the way.</summary>
    /// <returns>False if it did not go: try the ordinary way.</returns>
    internal bool TrySendPlain(in RecordHeader header, Parcel data)
    {
        int wake;
        using (_gate.Enter())
        {
            bool needsCredit = header.Kind != RecordKind.Reply;
            if (_closed || _full || _control.Count != 0 || _rings is null)
                return false;
            if (needsCredit && (_requestsEnded || _requests.Count != 0 || (!HasCreditNow(header.RecordLength) && !FetchCredit(header.RecordLength, wanted: false))))
                return false;
            if (!_rings.TryWrite(header, data.Data, out wake))
                return false;
            counters.NoteSent(header.Kind, header.RecordLength);
            if (needsCredit)
                TakeCredit(header.RecordLength);
        }

        if (wake != RingSleep.Awake)
            _rings.Tell(wake);
        return true;
    }

    /// <summary>Sends the doorbell of another session through the rings of this one, ahead of what waits for credit.</summary>
    /// <param name="number">The session, as its receiver numbers it.</param>
    /// <returns>False if it did not go.</returns>
    internal bool TrySendLook(ulong number)
    {
        int wake;
        using (_gate.Enter())
        {
            // While room is waited for nothing may be sent that would find some: it would count as the end of the wait.
            if (_closed || _full || _rings is null || !_rings.TryWriteLook(number, out wake))
                return false;
        }

        if (wake != RingSleep.Awake)
            _rings.Tell(wake);
        return true;
    }

    /// <summary>Whether waiting a moment may make room or bring credit: the peer takes what it gets out of the rings. Whoever asks keeps the memory in use.</summary>
    internal bool MayClearSoon => _rings is { } rings && !IsClear(rings);

    /// <summary>Whether there are plenty of room and some credit. A guess.</summary>
    bool ISpinCondition.IsMet => _rings is not { } rings || IsClear(rings) || Volatile.Read(ref _closed);

    private bool IsClear(RingTransport rings) => rings.HasPlenty && (Volatile.Read(ref _creditMessages) > 0 || rings.HasNewCredit);
}
