using System.Buffers.Binary;
using System.Diagnostics;

namespace Lifeline.Ipc;

/// <summary>
/// Makes an <see cref="Activity"/> of each call and request, for OpenTelemetry and others who listen to the source <see cref="SourceName"/>. While
/// nobody listens, it does nothing.
/// </summary>
/// <remarks>
/// Nothing is added to the messages. A call without an activity around it begins a trace whose number is made of the number of its chain, and
/// so do the requests on the other side: the calls of a chain are one trace in all its processes. All have the tag <c>ipc.chain</c>.
/// </remarks>
public sealed class ActivityTracer : IpcTracer
{
    /// <summary>The name of the source: <c>Lifeline.Ipc</c>.</summary>
    public const string SourceName = "Lifeline.Ipc";

    private static readonly ActivitySource s_source = new(SourceName);

    private ActivityTracer()
    {
    }

    /// <summary>The tracer; one for all endpoints.</summary>
    public static ActivityTracer Instance { get; } = new();

    /// <inheritdoc/>
    protected internal override object? CallStarting(in IpcTrace call) =>
        Start(call, call.IsOneWay ? ActivityKind.Producer : ActivityKind.Client);

    /// <inheritdoc/>
    protected internal override void CallEnded(object? state, in IpcTrace call, Exception? failure) =>
        Stop(state, failure is null ? null : failure is IpcException ipc ? ipc.Error.ToString() : failure.GetType().Name);

    /// <inheritdoc/>
    protected internal override object? RequestStarting(in IpcTrace request) =>
        Start(request, request.IsOneWay ? ActivityKind.Consumer : ActivityKind.Server);

    /// <inheritdoc/>
    protected internal override void RequestEnded(object? state, in IpcTrace request, IpcError error) =>
        Stop(state, error == IpcError.None ? null : error.ToString());

    private static Activity? Start(in IpcTrace trace, ActivityKind kind)
    {
        if (!s_source.HasListeners())
            return null;
        ActivityContext parent = Activity.Current is null && trace.Chain != 0 ? ContextOf(trace.Chain) : default;
        Activity? activity = s_source.StartActivity($"{trace.Descriptor ?? "ipc"}/{trace.Code}", kind, parent);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("rpc.system", "lifeline.ipc");
            activity.SetTag("ipc.peer.pid", trace.Peer.Pid);
            activity.SetTag("ipc.peer.uid", (long)trace.Peer.Uid);
            activity.SetTag("ipc.session", trace.SessionId);
            activity.SetTag("ipc.code", (long)trace.Code);
            activity.SetTag("ipc.bytes", trace.Bytes);
            if (trace.Chain != 0)
                activity.SetTag("ipc.chain", trace.Chain.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
        }

        return activity;
    }

    private static void Stop(object? state, string? error)
    {
        if (state is not Activity activity)
            return;
        if (error is not null)
            activity.SetStatus(ActivityStatusCode.Error, error);
        activity.Stop();
    }

    private static ActivityContext ContextOf(ulong chain)
    {
        Span<byte> trace = stackalloc byte[16];
        "lifeline"u8.CopyTo(trace);
        BinaryPrimitives.WriteUInt64BigEndian(trace[8..], chain);
        return new ActivityContext(ActivityTraceId.CreateFromBytes(trace), ActivitySpanId.CreateFromBytes(trace[8..]), ActivityTraceFlags.Recorded, isRemote: true);
    }
}
