using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sending;
using Lifeline.Ipc.Sessions;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// Stubs that are handed on to a third process: docs/protocol/session.md, "Tickets".
public sealed partial class IpcSession
{
    /// <summary>Tickets from one peer that may be under way to the record that refers to them.</summary>
    private const int MaxTicketsUnderWay = 2 * Parcel.MaxObjects;

    // Tickets from one peer that are redeemed at the same time.
    private const int TicketsAtOnce = 4;

    private readonly Dictionary<ulong, TaskCompletionSource<TicketGrant>> _ticketRequests = [];
    private readonly Dictionary<ulong, TaskCompletionSource<IpcProxy>> _redemptions = [];
    private readonly Dictionary<ulong, Task<IpcProxy>> _tickets = [];
    private SemaphoreSlim? _ticketTurns;
    private ulong _ticketSerial;
    private ulong _controlSerial;
    private volatile bool _wasRedeemed;

    /// <summary>Fetches the stub for a ticket from this peer, its home.</summary>
    internal Task<IpcProxy> RedeemAsync(Guid token)
    {
        Span<byte> payload = stackalloc byte[16];
        token.TryWriteBytes(payload);
        return Ask(_redemptions, new RecordHeader { Kind = RecordKind.Redeem }, payload);
    }

    /// <summary>Asks the peer, the home of a stub, for a ticket with which another process may fetch it.</summary>
    private Task<TicketGrant> RequestTicketAsync(ulong handle, CallerIdentity permitted)
    {
        Span<byte> payload = stackalloc byte[8];
        var writer = new PayloadWriter(payload);
        writer.UInt32((uint)permitted.Pid);
        writer.UInt32(permitted.Uid);
        return Ask(_ticketRequests, new RecordHeader { Kind = RecordKind.TicketRequest, Target = handle }, payload);
    }

    private WireObject HandOn(IpcProxy proxy, OutgoingObjects outgoing)
    {
        if (proxy.IsDead || proxy.Target is not RemoteTarget target)
            throw new IpcException(IpcError.DeadObject, $"A proxy in the parcel is dead: its home, process {proxy.Peer.Pid}, is gone.");
        ulong id = Interlocked.Increment(ref _ticketSerial);
        (outgoing.Tickets ??= []).Add(new OutgoingTicket(id, target.Session.RequestTicketAsync(target.Handle, Peer)));
        return new WireObject(WireObjectKind.Ticket, id);
    }

    /// <summary>A reply is encoded at once, since its parcel ends with the handler, and sent when its tickets are here.</summary>
    private void AnswerWithTickets(in OutgoingParcel outgoing, Parcel reply, List<OutgoingTicket> tickets)
    {
        var record = OutRecord.Of(outgoing);
        // Stubs of the peer in it must not be given back before the record that refers to them is sent.
        var kept = new Parcel();
        kept.Append(reply);
        _ = SendWhenGrantedAsync(record, kept, tickets);
    }

    private async Task SendWhenGrantedAsync(OutRecord record, Parcel kept, List<OutgoingTicket> tickets)
    {
        // Those that were refused are told to the receiver one by one.
        Task all = Task.WhenAll(tickets.Select(t => t.Grant));
        await all.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _send.SendGranted(record, tickets);
        kept.Dispose();
    }

    private async Task<T> Ask<T>(Dictionary<ulong, TaskCompletionSource<T>> waiting, ulong id, TaskCompletionSource<T> answer)
    {
        try
        {
            return await answer.Task.WaitAsync(Options.HandshakeTimeout, Options.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            using (_gate.Enter())
                waiting.Remove(id);
            throw new IpcException(IpcError.Timeout, $"{Describe()} did not answer about a ticket within {Options.HandshakeTimeout.TotalMilliseconds:0} ms ({nameof(IpcEndpointOptions.HandshakeTimeout)})", e);
        }
    }

    private Task<T> Ask<T>(Dictionary<ulong, TaskCompletionSource<T>> waiting, RecordHeader header, ReadOnlySpan<byte> payload)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (_gate.Enter())
        {
            if (_closeReason is not null)
                return Task.FromException<T>(Dead());
            header.Id = ++_controlSerial;
            waiting.Add(header.Id, answer);
        }

        _send.SendControl(header, payload);
        return Ask(waiting, header.Id, answer);
    }

    private void HandleTicketRecord(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        switch (header.Kind)
        {
            case RecordKind.TicketRequest:
                IssueTicket(header, data);
                break;
            case RecordKind.TicketGrant:
                HandleGrant(header, data);
                break;
            case RecordKind.Ticket:
                HandleTicket(header, data);
                break;
            case RecordKind.Redeem:
                HandleRedeem(header, data);
                break;
            case RecordKind.Redeemed:
                HandleRedeemed(header, data);
                break;
            default:
                throw new ProtocolViolationException($"a record of the unknown kind {(byte)header.Kind}");
        }
    }

    private void IssueTicket(in RecordHeader request, ReadOnlySpan<byte> data)
    {
        var reader = new PayloadReader(data, "a request for a ticket");
        int pid = (int)reader.UInt32();
        uint uid = reader.UInt32();
        IpcStub stub = Home(request.Target);
        var answer = new RecordHeader { Kind = RecordKind.TicketGrant, Id = request.Id };
        try
        {
            Span<byte> payload = stackalloc byte[TicketGrant.MaxSize];
            int length = Endpoint.Tickets.Issue(stub, pid, uid, Id).Write(payload);
            _send.SendControl(answer, payload[..length]);
        }
        catch (Exception e) when (e is IpcException or Linux.LinuxException)
        {
            if (Endpoint.TicketLog.TryTake(out long omitted))
                Logger.LogWarning("No ticket for {Session}: {Why} ({Omitted} messages about tickets were left out)", this, e.Message, omitted);
            answer.Status = (int)IpcError.LimitReached;
            _send.SendControl(answer, Goodbye.Text(e.Message));
        }
    }

    private void HandleGrant(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        if (TakeWaiting(_ticketRequests, header.Id) is not { } request)
            return;
        if (header.Status != 0)
            request.TrySetException(new IpcException((IpcError)header.Status, Goodbye.ReadText(data)));
        else
            // Who the home is, the kernel has told this process: not the message.
            request.TrySetResult(TicketGrant.Read(data) with { Endpoint = PeerEndpoint, Pid = Peer.Pid, Uid = Peer.Uid, Gid = Peer.Gid });
    }

    private void HandleTicket(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        if (_tickets.Count >= MaxTicketsUnderWay)
            throw new ProtocolViolationException($"more than {MaxTicketsUnderWay} tickets without the records that refer to them");
        Task<IpcProxy> proxy = header.Status != 0
            ? Task.FromResult(Endpoint.Tickets.Lost(Goodbye.ReadText(data)))
            : RedeemInTurnAsync(TicketGrant.Read(data));
        if (!_tickets.TryAdd(header.Id, proxy))
            throw new ProtocolViolationException($"a second ticket with the number {header.Id}");
    }

    /// <summary>Fetches a stub from its home, away from the thread that receives: who sends many tickets waits for itself.</summary>
    private async Task<IpcProxy> RedeemInTurnAsync(TicketGrant grant)
    {
        SemaphoreSlim turns = _ticketTurns ??= new SemaphoreSlim(TicketsAtOnce);
        await turns.WaitAsync().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            return _state == Ended
                ? Endpoint.Tickets.Lost($"the session that brought the ticket has ended: {_closeReason}")
                : await Endpoint.Tickets.RedeemAsync(grant).ConfigureAwait(false);
        }
        finally
        {
            turns.Release();
        }
    }

    private Task<IpcProxy> TakeTicket(ulong id) => _tickets.Remove(id, out Task<IpcProxy>? proxy)
        ? proxy
        : throw new ProtocolViolationException($"a reference to ticket {id}, which was not sent");

    private void HandleRedeem(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        Guid token = new PayloadReader(data, "a ticket to redeem").Guid();
        var answer = new RecordHeader { Kind = RecordKind.Redeemed, Id = header.Id };
        if (Endpoint.Tickets.Take(token, Peer, out string? refusal) is not { } ticket)
        {
            if (Endpoint.TicketLog.TryTake(out long omitted))
                Logger.LogWarning("{Session} came with a ticket that was refused: {Why} ({Omitted} messages about tickets were left out)", this, refusal, omitted);
            answer.Status = (int)IpcError.PermissionDenied;
            _send.SendControl(answer, Goodbye.Text(refusal!));
            return;
        }

        try
        {
            answer.Target = _exports.AddReference(ticket);
            _send.SendControl(answer, []);
        }
        catch (IpcException e)
        {
            answer.Status = (int)e.Error;
            _send.SendControl(answer, Goodbye.Text(e.Message));
        }

        // The ticket itself held the stub until now.
        if (ticket.RemoveHolder())
            Unreferenced(ticket);
    }

    private void HandleRedeemed(in RecordHeader header, ReadOnlySpan<byte> data)
    {
        TaskCompletionSource<IpcProxy>? redemption = TakeWaiting(_redemptions, header.Id);
        if (header.Status != 0)
        {
            redemption?.TrySetException(new IpcException((IpcError)header.Status, Goodbye.ReadText(data)));
            return;
        }

        _wasRedeemed = true;
        IpcProxy proxy = Import(header.Target);
        if (redemption is null || !redemption.TrySetResult(proxy))
            proxy.Dispose();
    }

    private TaskCompletionSource<T>? TakeWaiting<T>(Dictionary<ulong, TaskCompletionSource<T>> waiting, ulong id)
    {
        using (_gate.Enter())
        {
            if (waiting.Remove(id, out TaskCompletionSource<T>? answer))
                return answer;
            return id <= _controlSerial ? null : throw new ProtocolViolationException($"an answer about ticket {id}, which nobody asked for");
        }
    }

    private void FailTickets(IpcException dead)
    {
        TaskCompletionSource<TicketGrant>[] requests;
        TaskCompletionSource<IpcProxy>[] redemptions;
        using (_gate.Enter())
        {
            requests = [.. _ticketRequests.Values];
            redemptions = [.. _redemptions.Values];
            _ticketRequests.Clear();
            _redemptions.Clear();
        }

        foreach (TaskCompletionSource<TicketGrant> request in requests)
            request.TrySetException(dead);
        foreach (TaskCompletionSource<IpcProxy> redemption in redemptions)
            redemption.TrySetException(dead);
        foreach (Task<IpcProxy> ticket in _tickets.Values)
            _ = ticket.ContinueWith(t => t.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        _tickets.Clear();
    }
}
