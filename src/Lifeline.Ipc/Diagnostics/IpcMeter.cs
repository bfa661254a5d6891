using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Lifeline.Ipc;

/// <summary>
/// The figures of all endpoints of the process as a <see cref="Meter"/> of the name <see cref="Name"/>, for OpenTelemetry, dotnet-counters and a
/// <see cref="MeterListener"/>. Each measurement has the tag <c>endpoint</c> (<see cref="IpcEndpointOptions.Name"/>; those of one name are added up).
/// </summary>
/// <remarks>Nothing is done for it until somebody collects: then the plain counters of the sessions are added up, once for all instruments.</remarks>
public static class IpcMeter
{
    /// <summary>The name of the meter: <c>Lifeline.Ipc</c>.</summary>
    public const string Name = "Lifeline.Ipc";

    // One collection asks each instrument in turn: they share a reading.
    private const long ReadingMilliseconds = 100;

    private static readonly ConcurrentDictionary<IpcEndpoint, byte> s_endpoints = [];
    private static readonly Lock s_gate = new();
    private static readonly Meter s_meter = Create();
    private static Dictionary<string, Diagnostics.MeterReading>? s_reading;
    private static long s_readAt;

    internal static void Add(IpcEndpoint endpoint) => s_endpoints.TryAdd(endpoint, 0);

    internal static void Remove(IpcEndpoint endpoint) => s_endpoints.TryRemove(endpoint, out _);

    private static Meter Create()
    {
        var meter = new Meter(Name);
        Gauge(meter, "lifeline.ipc.sessions", "{session}", "Sessions open now", r => r.Sessions);
        Counter(meter, "lifeline.ipc.sessions.opened", "{session}", "Sessions established", r => r.SessionsOpened);
        Counter(meter, "lifeline.ipc.sessions.closed", "{session}", "Established sessions that ended", r => r.SessionsClosed);
        Counter(meter, "lifeline.ipc.obituaries", "{recipient}", "Death recipients called", r => r.Obituaries);
        Counter(meter, "lifeline.ipc.protocol.violations", "{violation}", "Sessions ended because the peer broke the protocol", r => r.Violations);
        Counter(meter, "lifeline.ipc.calls.made", "{call}", "Calls sent", r => r.CallsMade);
        Gauge(meter, "lifeline.ipc.calls.pending", "{call}", "Calls that wait for a reply", r => r.CallsPending);
        Counter(meter, "lifeline.ipc.calls.long", "{call}", "Calls whose callers waited longer than LongWaitThreshold", r => r.LongWaits);
        Counter(meter, "lifeline.ipc.calls.received", "{call}", "Calls that arrived", r => r.CallsReceived);
        Counter(meter, "lifeline.ipc.requests.failed", "{request}", "Requests that ended with an error", r => r.CallsFailed);
        Counter(meter, "lifeline.ipc.requests.refused", "{request}", "Requests that permissions refused", r => r.Refused);
        Counter(meter, "lifeline.ipc.requests.slow", "{request}", "Requests whose handlers took longer than SlowCallThreshold", r => r.Slow);
        Counter(meter, "lifeline.ipc.replies.late", "{reply}", "Replies that came after their callers had given up", r => r.LateReplies);
        Counter(meter, "lifeline.ipc.oneway.sent", "{request}", "One-way calls sent", r => r.OneWaySent);
        Counter(meter, "lifeline.ipc.oneway.received", "{request}", "One-way calls that arrived", r => r.OneWayReceived);
        Counter(meter, "lifeline.ipc.oneway.handled", "{request}", "One-way calls handled", r => r.OneWayHandled);
        Counter(meter, "lifeline.ipc.bytes.sent", "By", "Bytes of records sent", r => r.BytesSent);
        Counter(meter, "lifeline.ipc.bytes.received", "By", "Bytes of records received", r => r.BytesReceived);
        Gauge(meter, "lifeline.ipc.queue.in", "{request}", "Requests that wait or run", r => r.QueuedRequests);
        Gauge(meter, "lifeline.ipc.queue.in.bytes", "By", "Bytes of requests that wait or run", r => r.QueuedInBytes);
        Gauge(meter, "lifeline.ipc.queue.out.bytes", "By", "Bytes that wait for peers to take them", r => r.QueuedOutBytes);
        Gauge(meter, "lifeline.ipc.blocks.bytes", "By", "Shared memory from peers that is held", r => r.BlockBytes);
        Gauge(meter, "lifeline.ipc.stubs.held", "{stub}", "Stubs of peers that are held", r => r.HeldStubs);
        Gauge(meter, "lifeline.ipc.stubs.given", "{stub}", "Stubs that peers hold", r => r.GivenStubs);
        Counter(meter, "lifeline.ipc.stubs.alarms", "{alarm}", "Alarms for too many held stubs of one peer", r => r.ProxyAlarms);
        Gauge(meter, "lifeline.ipc.workers", "{thread}", "Threads that run handlers", r => r.Workers);
        Counter(meter, "lifeline.ipc.workers.full", "{time}", "Times that all workers were busy for as long as SlowCallThreshold", r => r.WorkersFull);
        meter.CreateObservableCounter("lifeline.ipc.limits.reached", Limits, "{time}", "Times that a limit was met, by the name of its setting");
        return meter;
    }

    private static void Counter(Meter meter, string name, string unit, string description, Func<Diagnostics.MeterReading, long> value) =>
        meter.CreateObservableCounter(name, () => Measure(value), unit, description);

    private static void Gauge(Meter meter, string name, string unit, string description, Func<Diagnostics.MeterReading, long> value) =>
        meter.CreateObservableUpDownCounter(name, () => Measure(value), unit, description);

    private static IEnumerable<Measurement<long>> Measure(Func<Diagnostics.MeterReading, long> value) =>
        [.. Read().Select(r => new Measurement<long>(value(r.Value), new KeyValuePair<string, object?>("endpoint", r.Key)))];

    private static IEnumerable<Measurement<long>> Limits() =>
    [
        .. Read().SelectMany(r => r.Value.LimitsReached.Select(l => new Measurement<long>(
            l.Value, new KeyValuePair<string, object?>("endpoint", r.Key), new KeyValuePair<string, object?>("limit", l.Key)))),
    ];

    private static Dictionary<string, Diagnostics.MeterReading> Read()
    {
        lock (s_gate)
        {
            long now = Environment.TickCount64;
            if (s_reading is not null && now - s_readAt < ReadingMilliseconds)
                return s_reading;
            var readings = new Dictionary<string, Diagnostics.MeterReading>();
            foreach (IpcEndpoint endpoint in s_endpoints.Keys)
            {
                if (!readings.TryGetValue(endpoint.Options.Name, out Diagnostics.MeterReading? reading))
                    readings.Add(endpoint.Options.Name, reading = new Diagnostics.MeterReading());
                endpoint.AddTo(reading);
            }

            s_readAt = now;
            return s_reading = readings;
        }
    }
}
