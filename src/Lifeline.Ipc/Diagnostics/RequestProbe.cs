using Lifeline.Ipc.Dispatch;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>Times and traces the requests of an endpoint. There is none unless one of the two was asked for.</summary>
internal sealed class RequestProbe(IpcEndpointOptions options)
{
    /// <summary>The probe that the options ask for, if any.</summary>
    internal static RequestProbe? Of(IpcEndpointOptions options) => options.Tracer is null && !options.TimeHandlers ? null : new RequestProbe(options);

    /// <summary>Runs the handler and answers; never fails. Asynchronous, so that what the tracer sets does not leak to the worker.</summary>
    internal async ValueTask RunAsync(InboundRequest request)
    {
        IpcTrace trace = options.Tracer is null ? default : request.Describe();
        object? state = options.Tracer is { } starting ? Start(starting, trace) : null;
        long start = options.TimeHandlers ? options.TimeProvider.GetTimestamp() : 0;
        await request.ExecutePlainlyAsync().ConfigureAwait(false);
        if (options.TimeHandlers)
            request.Row?.NoteTime(options.TimeProvider.GetTimestamp() - start);
        if (options.Tracer is { } ending)
            End(ending, state, trace, request.Outcome);
    }

    private object? Start(IpcTracer tracer, in IpcTrace trace)
    {
        try
        {
            return tracer.RequestStarting(trace);
        }
        catch (Exception e)
        {
            // Tracing is no reason for a request to fail.
            options.Logger.LogError(e, "The tracer failed at the beginning of a request");
            return null;
        }
    }

    private void End(IpcTracer tracer, object? state, in IpcTrace trace, IpcError outcome)
    {
        try
        {
            tracer.RequestEnded(state, trace, outcome);
        }
        catch (Exception e)
        {
            // Tracing is no reason for a request to fail.
            options.Logger.LogError(e, "The tracer failed at the end of a request");
        }
    }
}
