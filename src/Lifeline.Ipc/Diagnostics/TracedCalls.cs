using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>Calls out of an endpoint that has a tracer.</summary>
internal static class TracedCalls
{
    internal static async ValueTask<Parcel> CallAsync(IpcTracer tracer, IpcSession session, ulong handle, uint code, Parcel data, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        // In a method of its own that is asynchronous: what the tracer sets does not leak to the caller.
        IpcTrace call = Describe(session, code, data, IpcSession.CurrentChain());
        object? state = Start(tracer, session, call);
        Exception? failure = null;
        try
        {
            return await session.CallAsync(handle, code, data, timeout, cancellationToken, call.Chain).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            End(tracer, session, state, call, failure);
        }
    }

    internal static void Call(IpcTracer tracer, IpcSession session, ulong handle, uint code, Parcel data, Parcel reply, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        IpcTrace call = Describe(session, code, data, IpcSession.CurrentChain());
        object? state = Start(tracer, session, call);
        Exception? failure = null;
        try
        {
            session.Call(handle, code, data, reply, timeout, cancellationToken, call.Chain);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            End(tracer, session, state, call, failure);
        }
    }

    internal static void Post(IpcTracer tracer, IpcSession session, ulong handle, uint code, Parcel data)
    {
        IpcTrace call = Describe(session, code, data, 0);
        object? state = Start(tracer, session, call);
        Exception? failure = null;
        try
        {
            session.Post(handle, code, data);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            End(tracer, session, state, call, failure);
        }
    }

    internal static async ValueTask PostAsync(IpcTracer tracer, IpcSession session, ulong handle, uint code, Parcel data, TimeSpan wait)
    {
        IpcTrace call = Describe(session, code, data, 0);
        object? state = Start(tracer, session, call);
        Exception? failure = null;
        try
        {
            await session.PostAsync(handle, code, data, wait).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            End(tracer, session, state, call, failure);
        }
    }

    private static IpcTrace Describe(IpcSession session, uint code, Parcel data, ulong chain) =>
        new(session.Peer, session.Id, null, code, chain == 0, chain, data.DataSize);

    private static object? Start(IpcTracer tracer, IpcSession session, in IpcTrace call)
    {
        try
        {
            return tracer.CallStarting(call);
        }
        catch (Exception e)
        {
            // Tracing is no reason for a call to fail.
            session.Endpoint.Options.Logger.LogError(e, "The tracer failed at the beginning of a call");
            return null;
        }
    }

    private static void End(IpcTracer tracer, IpcSession session, object? state, in IpcTrace call, Exception? failure)
    {
        try
        {
            tracer.CallEnded(state, call, failure);
        }
        catch (Exception e)
        {
            // Tracing is no reason for a call to fail.
            session.Endpoint.Options.Logger.LogError(e, "The tracer failed at the end of a call");
        }
    }
}
