using Lifeline.Ipc.Calls;
using Lifeline.Ipc.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Dispatch;

/// <summary>A request on its way to its handler, and the answer on its way back.</summary>
internal sealed class InboundRequest(IpcStub stub, uint code, CallContext context, IRequestOrigin origin, ILogger logger) : IWorkItem
{
    private Parcel? _data;
    private int _begun;

    internal CallContext Context => context;

    internal ulong Chain => context.Chain;

    /// <summary>The number of the call in its session; 0 for a one-way call.</summary>
    internal ulong Id { get; init; }

    /// <summary>Bytes that the request counts for in its session's window.</summary>
    internal int Cost { get; init; }

    /// <summary>Where it is counted; null for a call inside the process.</summary>
    internal CodeRow? Row { get; init; }

    /// <summary>What notices that it takes long; null for a call inside the process.</summary>
    internal RequestWatch? Watch { get; init; }

    /// <summary>What times and traces it; null for nothing.</summary>
    internal RequestProbe? Probe { get; init; }

    /// <summary>The error that it was answered with.</summary>
    internal IpcError Outcome { get; private set; }

    /// <summary>Completes when the stubs of third processes in the data have been fetched; null if there are none.</summary>
    internal Task? Ready { get; set; }

    /// <summary>The data, from when it is complete.</summary>
    internal Parcel Data
    {
        set => _data = value;
    }

    /// <summary>On a worker: as far as the handler's first await.</summary>
    public void Run()
    {
        if (!origin.TryHold(this))
            _ = ExecuteAsync();
    }

    /// <summary>The same for a nested call: others wait for it, it is never held back.</summary>
    internal IWorkItem AsNested() => new Nested(this);

    /// <summary>Where it waits for a worker; null for the thread pool.</summary>
    internal WorkerLane? Lane => origin.Lane;

    /// <summary>Runs the handler, in its turn if the stub takes one at a time, and answers. Never fails.</summary>
    internal ValueTask ExecuteAsync() => stub.Serial is null ? ExecuteFreelyAsync() : stub.Serial.RunAsync(this);

    /// <summary>Runs the handler and answers. Never fails.</summary>
    internal ValueTask ExecuteFreelyAsync() => Probe is null ? ExecutePlainlyAsync() : Probe.RunAsync(this);

    /// <summary>The request as a tracer sees it.</summary>
    internal IpcTrace Describe() =>
        new(context.Caller, context.Session?.Id ?? 0, stub.Descriptor, code, context.IsOneWay, context.IsOneWay ? 0 : context.Chain, _data!.DataSize);

    /// <summary>Runs the handler and answers, unseen by tracers. Never fails.</summary>
    internal ValueTask ExecutePlainlyAsync()
    {
        if (Watch is not null)
            _begun = Watch.Begin();
        Parcel data = _data!;
        var reply = new Parcel();
        ValueTask handled;
        CallContext? previous = CallContext.Enter(context);
        try
        {
            if (stub.Permissions is not null)
                RequestHooks.Demand(stub, code, context, Row, logger);
            handled = code > IpcProxy.MaxCode ? BuiltInAnswers.AnswerAsync(stub, code, data, reply, context) : stub.OnRequestAsync(code, data, reply, context);
        }
        catch (Exception e)
        {
            handled = ValueTask.FromException(e);
        }
        finally
        {
            CallContext.Enter(previous);
        }

        if (!handled.IsCompletedSuccessfully)
            return AwaitAsync(handled, data, reply);
        Finish(data, reply, null);
        return ValueTask.CompletedTask;
    }

    private sealed class Nested(InboundRequest request) : IWorkItem
    {
        public void Run() => _ = request.ExecuteAsync();
    }

    private async ValueTask AwaitAsync(ValueTask handled, Parcel data, Parcel reply)
    {
        Exception? failure = null;
        try
        {
            await handled.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        Finish(data, reply, failure);
    }

    private void Finish(Parcel data, Parcel reply, Exception? failure)
    {
        context.Complete();
        try
        {
            if (failure is null)
                failure = TryAnswer(reply);
            if (failure is not null)
                Fail(failure);
        }
        catch (Exception e)
        {
            logger.LogError(e, "The answer to a call (code {Code} of {Descriptor}) could not be sent", code, stub.Descriptor);
        }
        finally
        {
            reply.Dispose();
            data.Dispose();
            Watch?.End(_begun, stub, code, context);
            origin.Handled(this);
        }
    }

    /// <summary>Answers.</summary>
    /// <returns>Why the reply cannot be sent (it has more stubs than the caller takes, say), which is the answer then; null if it was.</returns>
    private IpcException? TryAnswer(Parcel reply)
    {
        try
        {
            origin.Answer(this, reply);
            return null;
        }
        catch (IpcException e)
        {
            return e;
        }
    }

    private void Fail(Exception failure)
    {
        IpcException error = HandlerErrors.Describe(failure, stub, code, context.Caller, logger);
        Outcome = error.Error;
        Row?.NoteError();
        origin.AnswerError(this, error);
    }
}
