using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Tickets;

/// <summary>
/// Stubs handed on to third processes. As the home it issues tickets, each for one stub, one process and one use; as the third
/// process it takes them to their homes. Thread-safe.
/// </summary>
internal sealed class TicketOffice(IpcEndpoint endpoint) : IDisposable
{
    // No peer takes more than this part of all tickets from the others.
    private const int SharesOfTickets = 8;

    private static readonly CallerIdentity s_nobody = new(0, uint.MaxValue, uint.MaxValue);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Ticket> _issued = [];

    // The oldest first, and how many each session has: no request may cost a look at all of them.
    private readonly LinkedList<Guid> _byAge = [];
    private readonly Dictionary<long, int> _ofSession = [];
    private readonly Dictionary<Guid, Task<IpcSession>> _connecting = [];
    private ITimer? _timer;

    private IpcEndpointOptions Options => endpoint.Options;

    /// <summary>Issues a ticket.</summary>
    /// <param name="stub">The stub.</param>
    /// <param name="pid">The process that may use it.</param>
    /// <param name="uid">Its user.</param>
    /// <param name="session">The session of the one who hands it on; none has more than an eighth of all.</param>
    /// <exception cref="IpcException">Too many are outstanding.</exception>
    internal TicketGrant Issue(IpcStub stub, int pid, uint uid, long session)
    {
        string address = endpoint.GetAddress();
        var token = Guid.NewGuid();
        List<IpcStub> expired;
        lock (_gate)
        {
            expired = RemoveExpired();
            int ofSession = _ofSession.GetValueOrDefault(session);
            if (_issued.Count >= Options.MaxTickets || ofSession >= Math.Max(1, Options.MaxTickets / SharesOfTickets))
                throw endpoint.Limits.Reached(nameof(IpcEndpointOptions.MaxTickets), Options.MaxTickets, _issued.Count + 1, $"{_issued.Count} tickets are outstanding, {ofSession} of this peer, who may have an eighth");
            _issued.Add(token, new Ticket(stub, pid, uid, session, Options.TimeProvider.GetTimestamp(), _byAge.AddLast(token)));
            _ofSession[session] = ofSession + 1;
            stub.AddHolder(endpoint);
            _timer ??= Options.TimeProvider.CreateTimer(_ => Expire(), null, Options.TicketLifetime, Timeout.InfiniteTimeSpan);
        }

        GiveBack(expired);
        return new TicketGrant(token, endpoint.Identifier, 0, 0, 0, address);
    }

    /// <summary>Takes a ticket in.</summary>
    /// <returns>The stub, which the ticket still counts as a holder of; null if the ticket is not good.</returns>
    internal IpcStub? Take(Guid token, CallerIdentity caller, out string? refusal)
    {
        lock (_gate)
        {
            if (!_issued.TryGetValue(token, out Ticket? ticket) || IsExpired(ticket))
            {
                refusal = $"there is no such ticket, or it was used, or it is older than {Options.TicketLifetime.TotalSeconds:0} s ({nameof(IpcEndpointOptions.TicketLifetime)})";
                return null;
            }

            if (ticket.Pid != caller.Pid || ticket.Uid != caller.Uid)
            {
                refusal = $"the ticket is for process {ticket.Pid} (uid {ticket.Uid}), not for {caller.Pid} (uid {caller.Uid})";
                return null;
            }

            Remove(token, ticket);
            refusal = null;
            return ticket.Stub;
        }
    }

    /// <summary>Fetches the stub for a ticket from its home. Never fails: a stub that cannot be fetched is a dead proxy.</summary>
    internal async Task<IpcProxy> RedeemAsync(TicketGrant grant)
    {
        try
        {
            if (grant.Endpoint == endpoint.Identifier)
                return RedeemHere(grant);
            return await RedeemThereAsync(grant).ConfigureAwait(false);
        }
        catch (IpcException e)
        {
            if (endpoint.TicketLog.TryTake(out long omitted))
                Options.Logger.LogWarning("A stub that was handed on could not be fetched from process {Pid}: {Why} ({Omitted} messages about tickets were left out)", grant.Pid, e.Message, omitted);
            return Lost($"the stub could not be fetched from its home, process {grant.Pid}: {e.Message}");
        }
    }

    /// <summary>A proxy that is dead from the beginning.</summary>
    internal IpcProxy Lost(string reason) => new(new LostTarget(endpoint, s_nobody, reason));

    public void Dispose()
    {
        lock (_gate)
        {
            _timer?.Dispose();
            _issued.Clear();
            _byAge.Clear();
            _ofSession.Clear();
        }
    }

    private IpcProxy RedeemHere(TicketGrant grant)
    {
        IpcStub stub = Take(grant.Token, CallerIdentity.Self, out string? refusal)
            ?? throw new IpcException(IpcError.PermissionDenied, refusal!);
        if (stub.RemoveHolder())
            GiveBack([stub]);
        return new IpcProxy(new LocalTarget(stub, endpoint));
    }

    private async Task<IpcProxy> RedeemThereAsync(TicketGrant grant)
    {
        if (endpoint.FindSession(grant.Endpoint, grant.Pid, grant.Uid) is { } known)
        {
            try
            {
                return await known.RedeemAsync(grant.Token).ConfigureAwait(false);
            }
            catch (IpcException e) when (e.Error == IpcError.DeadObject)
            {
                // It was just being closed; the home itself may be well.
            }
        }

        IpcSession session = await ConnectAsync(grant).ConfigureAwait(false);
        return await session.RedeemAsync(grant.Token).ConfigureAwait(false);
    }

    private async Task<IpcSession> ConnectAsync(TicketGrant grant)
    {
        Task<IpcSession>? connecting;
        lock (_gate)
        {
            if (!_connecting.TryGetValue(grant.Endpoint, out connecting))
                _connecting.Add(grant.Endpoint, connecting = endpoint.ConnectForTicketAsync(grant.Address));
        }

        IpcSession session;
        try
        {
            session = await connecting.ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
                _connecting.Remove(grant.Endpoint);
        }

        if (session.PeerEndpoint == grant.Endpoint && session.Peer.Pid == grant.Pid)
            return session;
        session.Close("not the home of the ticket");
        throw new IpcException(IpcError.DeadObject, $"at {grant.Address} listens process {session.Peer.Pid} instead of the home of the stub");
    }

    private bool IsExpired(Ticket ticket) => Options.TimeProvider.GetElapsedTime(ticket.IssuedAt) >= Options.TicketLifetime;

    private void Expire()
    {
        List<IpcStub> expired;
        lock (_gate)
        {
            expired = RemoveExpired();
            _timer?.Dispose();
            _timer = _issued.Count == 0 ? null : Options.TimeProvider.CreateTimer(_ => Expire(), null, Options.TicketLifetime, Timeout.InfiniteTimeSpan);
        }

        GiveBack(expired);
    }

    private List<IpcStub> RemoveExpired()
    {
        List<IpcStub> unreferenced = [];
        while (_byAge.First is { Value: var token } && _issued[token] is var ticket && IsExpired(ticket))
        {
            Remove(token, ticket);
            if (ticket.Stub.RemoveHolder())
                unreferenced.Add(ticket.Stub);
        }

        return unreferenced;
    }

    private void Remove(Guid token, Ticket ticket)
    {
        _issued.Remove(token);
        _byAge.Remove(ticket.Place);
        if (--_ofSession[ticket.Session] == 0)
            _ofSession.Remove(ticket.Session);
    }

    private void GiveBack(List<IpcStub> unreferenced)
    {
        foreach (IpcStub stub in unreferenced)
            endpoint.Work.Enqueue(stub.OnUnreferenced);
    }

    private sealed record Ticket(IpcStub Stub, int Pid, uint Uid, long Session, long IssuedAt, LinkedListNode<Guid> Place);
}
