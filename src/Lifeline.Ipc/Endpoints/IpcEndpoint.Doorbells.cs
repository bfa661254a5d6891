using Lifeline.Ipc.Death;

namespace Lifeline.Ipc;

// Which session carries the doorbells of the others between the same two endpoints.
public sealed partial class IpcEndpoint
{
    private readonly Lock _carrierGate = new();
    private readonly Dictionary<(Guid Endpoint, SharedProcess Process), IpcSession> _carriers = [];

    /// <summary>The session that carries the doorbell of a session that has just opened; itself if it is the first.</summary>
    internal IpcSession CarrierFor(IpcSession session)
    {
        if (session.Peer.Process is not { } process)
            return session;
        lock (_carrierGate)
        {
            (Guid, SharedProcess) peer = (session.PeerEndpoint, process.Shared);
            if (!_carriers.TryGetValue(peer, out IpcSession? carrier))
                return _carriers[peer] = session;
            carrier.Carried++;
            return carrier;
        }
    }

    /// <summary>A session has ended and carries none any more.</summary>
    /// <returns>Those it may have carried.</returns>
    internal IEnumerable<IpcSession> EndCarrying(IpcSession session)
    {
        if (session.Peer.Process is not { } process)
            return [];
        lock (_carrierGate)
        {
            (Guid, SharedProcess) peer = (session.PeerEndpoint, process.Shared);
            if (!_carriers.TryGetValue(peer, out IpcSession? carrier) || carrier != session)
                return [];
            _carriers.Remove(peer);
            return session.Carried > 0 ? _sessions.Values : [];
        }
    }

    /// <summary>An open or opening session by its number.</summary>
    internal IpcSession? FindSession(ulong number) => number <= long.MaxValue && _sessions.TryGetValue((long)number, out IpcSession? session) ? session : null;
}
