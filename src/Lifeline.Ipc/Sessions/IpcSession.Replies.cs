using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc;

// Replies that arrive.
public sealed partial class IpcSession
{
    private void HandleReply(in RecordHeader header, ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        if (header.Id > Volatile.Read(ref _lastCall))
            throw new ProtocolViolationException($"a reply to call {header.Id}, which was never made");
        Calls.PendingCall? call = TakePending(header.Id);
        if (call is null)
            Endpoint.CountLateReply();
        try
        {
            Deliver(call, header, record, descriptors);
        }
        catch (Exception e)
        {
            // It is taken: nobody else would end it.
            call?.TryFail(new IpcException(IpcError.ProtocolMismatch, $"The reply of {Describe()} could not be taken: {e.Message}", e));
            throw;
        }
    }

    private void Deliver(Calls.PendingCall? call, in RecordHeader header, ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        if (call?.ReplyTo is { } reply && header.Status == 0 && header.ObjectCount == 0)
        {
            Load(call, reply, ObjectTable.Data(header, record));
            return;
        }

        if (header.Status != 0)
        {
            string message = Goodbye.ReadText(ObjectTable.Data(header, record));
            call?.TryFail(new IpcException((IpcError)header.Status, message));
            if (header.ObjectCount != 0)
                throw new ProtocolViolationException("an error reply with objects");
            return;
        }

        if (descriptors.Length > 0 && TooManyDescriptors(descriptors.Length) is { } refusal)
            call?.TryFail(refusal);
        // Also a late reply is read: references in it must be given back.
        Accept(header, record, descriptors).DeliverTo(call);
    }

    private static void Load(Calls.PendingCall call, Parcel reply, ReadOnlySpan<byte> data, Calls.BlockingCall? own = null)
    {
        try
        {
            reply.LoadReceived(data, []);
        }
        catch (Exception e)
        {
            // The parcel is the caller's own: what is wrong with it is no fault of the session.
            call.TryFail(e);
            return;
        }

        if (call == own)
            own.TakeReply(reply);
        else
            call.TryComplete(reply);
    }
}
