using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Sessions;

/// <summary>A parcel that arrived, complete or still waiting for stubs of third processes.</summary>
internal readonly struct Incoming
{
    private readonly Parcel? _parcel;
    private readonly Task<Parcel>? _later;

    internal Incoming(Parcel parcel, BlockAccount? blocks = null)
    {
        _parcel = parcel;
        _parcel.Sender = blocks;
    }

    internal Incoming(byte[] data, ReceivedObject[] objects, List<(int Index, Task<IpcProxy> Proxy)> fetched, BlockAccount? blocks) =>
        _later = CompleteAsync(data, objects, fetched, blocks);

    /// <summary>Gives the parcel to a request, now or when it is complete.</summary>
    internal void DeliverTo(InboundRequest request)
    {
        if (_later is null)
            request.Data = _parcel!;
        else
            request.Ready = SetAsync(_later, request);
    }

    /// <summary>Gives the parcel to the call that waits for it; nobody does any more if null.</summary>
    internal void DeliverTo(PendingCall? call)
    {
        if (_later is null)
            Complete(call, _parcel!);
        else
            _ = CompleteLaterAsync(_later, call);
    }

    private static async Task<Parcel> CompleteAsync(byte[] data, ReceivedObject[] objects, List<(int Index, Task<IpcProxy> Proxy)> fetched, BlockAccount? blocks)
    {
        foreach ((int index, Task<IpcProxy> proxy) in fetched)
            objects[index] = objects[index] with { Payload = await proxy.ConfigureAwait(false) };
        var parcel = Parcel.FromReceived(data, objects);
        parcel.Sender = blocks;
        return parcel;
    }

    private static async Task SetAsync(Task<Parcel> later, InboundRequest request) =>
        request.Data = await later.ConfigureAwait(false);

    private static async Task CompleteLaterAsync(Task<Parcel> later, PendingCall? call) =>
        Complete(call, await later.ConfigureAwait(false));

    private static void Complete(PendingCall? call, Parcel parcel)
    {
        if (call is null || !call.TryComplete(parcel))
            parcel.Dispose();
    }
}
