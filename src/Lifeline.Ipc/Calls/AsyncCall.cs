namespace Lifeline.Ipc.Calls;

/// <summary>A call that is awaited.</summary>
internal sealed class AsyncCall(ulong id, ulong chain) : PendingCall(id, chain)
{
    private readonly TaskCompletionSource<Parcel> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

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
