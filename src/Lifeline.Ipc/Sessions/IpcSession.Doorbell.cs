using Lifeline.Ipc.Transport;

namespace Lifeline.Ipc;

// Sessions between the same two endpoints share a doorbell: the oldest one carries those of the others in its ring. So a peer with
// many sessions wakes this process once for all that it has, and with few system calls.
public sealed partial class IpcSession
{
    private IpcSession? _carrier;
    private ulong _peerNumber;
    private int _looks;
    private bool _receivesForAll;

    /// <summary>How many have ever been carried by it. Guarded by the endpoint.</summary>
    internal int Carried { get; set; }

    bool IDoorbell.TryTellPeer() => Volatile.Read(ref _carrier) is { } carrier && carrier._send.TrySendLook(_peerNumber);

    /// <summary>Whether another session carries its doorbell.</summary>
    internal bool HasCarrier => Volatile.Read(ref _carrier) is not null;

    /// <summary>Finds who carries the doorbell from now on. Receive gate.</summary>
    /// <param name="number">The number that the peer has given to this session.</param>
    private void ShareDoorbell(ulong number)
    {
        if (!UsesRings)
            return;
        _peerNumber = number;
        IpcSession carrier = Endpoint.CarrierFor(this);
        // One that carries is never carried: so the locks for sending are taken in one order.
        if (carrier != this)
            Volatile.Write(ref _carrier, carrier);
    }

    /// <summary>The peer has sent something through another session. Receive gate.</summary>
    private void Look(ulong number)
    {
        _looks++;
        if (Endpoint.FindSession(number) is not { } session || session.PeerEndpoint != PeerEndpoint || session.Peer.Pid != Peer.Pid)
            return;
        if (_receivesForAll)
            Endpoint.Loop.ScheduleHere(session);
        else
            Endpoint.Loop.Schedule(session);
    }

    /// <summary>It carries no doorbell any more. The peer may have ended it before it took those that are in the ring: so they are rung anew.</summary>
    private void RingForOthers()
    {
        Volatile.Write(ref _carrier, null);
        foreach (IpcSession carried in Endpoint.EndCarrying(this))
        {
            if (Volatile.Read(ref carried._carrier) != this)
                continue;
            Volatile.Write(ref carried._carrier, null);
            if (!carried.IsClosed)
                carried._rings!.RingAnyway();
        }
    }
}
