using System.Diagnostics.Metrics;

namespace Lifeline.Http;

/// <summary>The HTTP server itself: connections and readers.</summary>
internal static class HttpMeter
{
    public static void AddTo(Meter meter, ConnectionGuard connections, StreamSeats seats, EventFeed events, ServiceFeed services)
    {
        meter.CreateObservableGauge("lifeline.http.connections", () => connections.Open, null, "HTTP connections");
        meter.CreateObservableCounter("lifeline.http.connections.evicted", () => connections.Evicted, "{connection}", "HTTP connections that were ended because there were too many");
        meter.CreateObservableGauge("lifeline.http.stream.readers", () => Readers(events, services), null, "Readers of a stream");
        meter.CreateObservableCounter("lifeline.http.stream.readers.cut", () => seats.CutOff, "{reader}", "Readers of a stream that were cut off because they took nothing");
    }

    private static IEnumerable<Measurement<int>> Readers(EventFeed events, ServiceFeed services) =>
    [
        new(events.Readers, new KeyValuePair<string, object?>("stream", "events")),
        new(services.Readers, new KeyValuePair<string, object?>("stream", "services")),
    ];
}
