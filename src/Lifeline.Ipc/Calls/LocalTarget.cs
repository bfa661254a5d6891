using Lifeline.Ipc.Dispatch;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lifeline.Ipc.Calls;

/// <summary>A stub of this process: calls run its handler on the calling thread, one-way calls run in order on a worker.</summary>
internal sealed class LocalTarget(IpcStub stub, IpcEndpoint? endpoint) : ProxyTarget
{
    internal override IpcStub LocalStub => stub;

    internal override bool IsDead => false;

    internal override CallerIdentity Peer => CallerIdentity.Self;

    internal override IpcSession? Session => null;

    internal override async ValueTask<Parcel> CallAsync(uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        (LocalCall origin, InboundRequest request) = Prepare(code, data, isOneWay: false);
        _ = request.ExecuteAsync();
        TimeSpan limit = timeout ?? endpoint?.Options.CallTimeout ?? Timeout.InfiniteTimeSpan;
        try
        {
            return await origin.Task.WaitAsync(limit, endpoint?.Options.TimeProvider ?? TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            request.Context.Cancel();
            throw CallErrors.Timeout(code, limit, "this process");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            request.Context.Cancel();
            throw;
        }
    }

    internal override void Call(uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using Parcel received = Wait(CallAsync(code, data, timeout, cancellationToken));
        reply.TakeOver(received);
    }

    internal override void Post(uint code, Parcel data)
    {
        (_, InboundRequest request) = Prepare(code, data, isOneWay: true);
        if (endpoint is null)
            _ = request.ExecuteAsync();
        else
            stub.LocalLane(endpoint.Work).Enqueue(request);
    }

    internal override ValueTask PostAsync(uint code, Parcel data, TimeSpan wait)
    {
        Post(code, data);
        return ValueTask.CompletedTask;
    }

    internal override IWeakTarget ToWeak() => new WeakStub(stub);

    internal override void AddDeathRecipient(DeathRegistration registration)
    {
        // Whoever registers dies with the stub.
    }

    internal override void RemoveDeathRecipient(DeathRegistration registration)
    {
    }

    private static Parcel Wait(ValueTask<Parcel> call)
    {
        // A handler that does not await is done by now.
        if (call.IsCompleted)
            return call.GetAwaiter().GetResult();
        WorkerPool? pool = WorkerPool.BeginBlocking();
        try
        {
            return call.AsTask().GetAwaiter().GetResult();
        }
        finally
        {
            pool?.EndBlocking();
        }
    }

    /// <summary>A received parcel with the same contents, as if it had travelled.</summary>
    private static Parcel Copy(Parcel data)
    {
        var objects = new ReceivedObject[data.Objects.Count];
        for (int i = 0; i < objects.Length; i++)
        {
            ParcelObject source = data.Objects[i];
            object? payload = source.Payload switch
            {
                IpcProxy proxy => proxy.Share(),
                Descriptor descriptor => descriptor.Duplicate(),
                _ => source.Payload,
            };
            objects[i] = new ReceivedObject(source.Offset, source.Kind, payload);
        }

        var copy = Parcel.FromReceived(data.Data, objects);
        copy.Sender = data.Sender;
        GC.KeepAlive(data);
        return copy;
    }

    private (LocalCall Origin, InboundRequest Request) Prepare(uint code, Parcel data, bool isOneWay)
    {
        ulong chain = isOneWay ? 0 : CallContext.Current?.Chain ?? 0;
        var context = new CallContext(CallerIdentity.Self, null, isOneWay, chain);
        var origin = new LocalCall(endpoint?.Work);
        ILogger logger = endpoint?.Options.Logger ?? NullLogger.Instance;
        return (origin, new InboundRequest(stub, code, context, origin, logger) { Data = Copy(data) });
    }

    private sealed class LocalCall(WorkerLane? lane) : IRequestOrigin
    {
        private readonly TaskCompletionSource<Parcel> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<Parcel> Task => _completion.Task;

        public WorkerLane? Lane => lane;

        public bool TryHold(InboundRequest request) => false;

        public void Answer(InboundRequest request, Parcel reply) => _completion.TrySetResult(Copy(reply));

        public void AnswerError(InboundRequest request, IpcException error)
        {
            _completion.TrySetException(new IpcException(error.Error, error.Message, error));
            // Observed, also if nobody waits for a one-way call.
            _ = _completion.Task.Exception;
        }

        public void Handled(InboundRequest request)
        {
        }
    }
}
