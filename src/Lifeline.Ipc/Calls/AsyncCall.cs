namespace Lifeline.Ipc.Calls;

/// <summary>A call that is awaited.</summary>
internal sealed class AsyncCall : PendingCall
{
    private readonly TaskCompletionSource<Parcel> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal AsyncCall(ulong id, ulong chain) => Begin(id, chain, replyTo: null);

    internal Task<Parcel> Task => _completion.Task;

    protected override void OnReply(Parcel reply) => _completion.SetResult(reply);

    protected override void OnFailure(Exception failure)
    {
        if (failure is OperationCanceledException cancelled)
            _completion.SetCanceled(cancelled.CancellationToken);
        else
            _completion.SetException(failure);
    }
}
