using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// Requests that are run by the thread that receives them.
public sealed partial class IpcSession
{
    private ExportTable.Entry? _lastEntry;
    private CallContext? _oneWayContext;
    private CallContext? _callContext;
    private bool _callRuns;
    private bool _waitsForLane;

    /// <summary>Takes requests out of the ring that may run here. Receive gate.</summary>
    /// <returns>Whether the batch has some: they are to be run before anything else is received.</returns>
    private bool TryFill(InlineBatch batch)
    {
        _waitsForLane = false;
        if (_rings is not { } rings || _state != Open || IsClosed)
            return false;
        try
        {
            do
            {
                ReadOnlySpan<byte> data = rings.PeekPlain(out RecordHeader header);
                if (header.Kind == RecordKind.None || !TryAdd(batch, header, data))
                    break;
                rings.Advance();
            }
            while (!batch.IsCall);
        }
        catch (ProtocolViolationException e)
        {
            Violate(e.Message, []);
        }
        catch (Exception e)
        {
            // A fault of ours: this session cannot go on in an unknown state, the others can.
            Logger.LogCritical(e, "{Session} met an unexpected failure", this);
            CloseWith(IpcError.Inner, "an unexpected failure in the receiving process");
        }

        if (batch.Count == 0)
            return false;
        if (batch.IsCall)
            Volatile.Write(ref _callRuns, true);
        else
            Interlocked.Add(ref _oneWayUnhandled, batch.Count);
        return true;
    }

    private bool TryAdd(InlineBatch batch, in RecordHeader header, ReadOnlySpan<byte> data)
    {
        if (header.Code is 0 or > IpcProxy.MaxCode)
            return false;
        bool isOneWay = header.Kind == RecordKind.OneWay;
        if (!isOneWay && (header.Kind != RecordKind.Call || batch.Count > 0))
            return false;
        if (FindEntry(header.Target) is not { } entry || !_window.HasRoom(header.RecordLength))
            return false;
        if (batch.Count > 0)
        {
            if (!batch.Takes(entry))
                return false;
        }
        else if (!TryBegin(batch, entry, header, isOneWay))
        {
            return false;
        }

        _window.Count(header.RecordLength);
        _counters.NoteReceived(header.Kind, header.RecordLength);
        CodeRow row = CountRequest(entry, header.Code, header.RecordLength);
        if (isOneWay)
            batch.Add(header, data, row);
        else
            batch.SetCall(this, entry, ContextOf(header), header, data, row);
        return true;
    }

    private bool TryBegin(InlineBatch batch, ExportTable.Entry entry, in RecordHeader header, bool isOneWay)
    {
        if (entry.Inline is null || !entry.Trust.TryTrust() || Endpoint.Probe is not null || !Endpoint.Loop.MayRunInline)
            return false;
        // One call at a time: it must be found by its number, also when its thread was held up in it and another one receives.
        if (!isOneWay)
            return !Volatile.Read(ref _callRuns) && !_send.IsCongested && !Endpoint.Chains.IsWaiting(header.Chain);
        if (!entry.OneWay.TryBeginInline())
        {
            _waitsForLane = entry.OneWay.IsClearing();
            return false;
        }

        batch.Begin(this, entry, _oneWayContext ??= new CallContext(Peer, this, isOneWay: true, 0));
        return true;
    }

    /// <summary>The context of a call that is run here; they are used again, as one runs at a time.</summary>
    private CallContext ContextOf(in RecordHeader header)
    {
        if (_callContext is not { IsClean: true })
            _callContext = new CallContext(Peer, this, isOneWay: false, header.Chain);
        _callContext.StandFor(header.Id, header.Chain);
        return _callContext;
    }

    private ExportTable.Entry? FindEntry(ulong handle)
    {
        if (_lastEntry is { IsGone: false } last && last.Handle == handle)
            return last;
        return _lastEntry = _exports.Find(handle);
    }

    /// <summary>Sends the answer of a request that was run here.</summary>
    internal void AnswerInline(InlineBatch batch, uint code, CodeRow row, Parcel reply, Exception? failure)
    {
        if (failure is null && !batch.IsCall)
            return;
        try
        {
            failure ??= TryAnswerQuickly(batch.Id, reply, row);
            if (failure is not null)
                AnswerFailure(batch, code, row, failure);
        }
        catch (Exception e)
        {
            Logger.LogError(e, "The answer to a call (code {Code} of {Descriptor}) could not be sent", code, batch.Entry!.Stub.Descriptor);
        }
    }

    /// <summary>Requests that were run here are done.</summary>
    internal void EndInline(ExportTable.Entry entry, bool isCall, int count, long cost)
    {
        if (isCall)
            Volatile.Write(ref _callRuns, false);
        else
            entry.OneWay.EndInline();
        CountHandled(count, cost);
        if (!isCall && Interlocked.Add(ref _oneWayUnhandled, -count) == 0 && _state == Ended)
            DeliverObituaries();
    }

    /// <summary>Answers.</summary>
    /// <returns>Why the reply cannot be sent, which is the answer then; null if it was.</returns>
    private IpcException? TryAnswerQuickly(ulong id, Parcel reply, CodeRow row)
    {
        var header = new RecordHeader { Kind = RecordKind.Reply, Id = id, DataLength = reply.DataSize };
        if (reply.HasNoObjects && _send.TrySendPlain(header, reply))
        {
            row.NoteReply(header.RecordLength);
            return null;
        }

        try
        {
            AnswerCall(id, reply, row);
            return null;
        }
        catch (IpcException e)
        {
            return e;
        }
    }

    private void AnswerFailure(InlineBatch batch, uint code, CodeRow row, Exception failure)
    {
        row.NoteError();
        Interlocked.Increment(ref _counters.Failed);
        IpcException error = HandlerErrors.Describe(failure, batch.Entry!.Stub, code, Peer, Logger);
        if (batch.IsCall)
            SendError(batch.Id, error);
        else
            Logger.LogDebug("A one-way call of {Session} was answered with {Error}: {Message}", this, error.Error, error.Message);
    }

    private void CountHandled(int messages, long bytes)
    {
        if (_window.Remove(messages, bytes))
            _window.Give(static (session, credit) => session.GiveCredit(credit), this);
    }

    private void GiveCredit(InboxCredit credit)
    {
        if (!_transport.TryGiveCredit(credit))
            _send.SendControl(new RecordHeader { Kind = RecordKind.Credit, Id = (ulong)credit.NewMessages, Target = (ulong)credit.NewBytes }, []);
    }
}
