using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Lifeline.Contracts;
using Lifeline.Journal;

namespace Lifeline.Http;

/// <summary>What is counted from the committed events: deaths by reason, and how long detection, reclaim, restart and commit take.</summary>
internal sealed class EventMeter : IDisposable
{
    private readonly JournalStore _journal;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, (int Generation, DateTimeOffset At)> _died = new(StringComparer.Ordinal);
    private readonly Counter<long> _events;
    private readonly Counter<long> _deaths;
    private readonly Histogram<double> _detection;
    private readonly Histogram<double> _reclaim;
    private readonly Histogram<double> _restart;
    private readonly Histogram<double> _commit;

    public EventMeter(Meter meter, JournalStore journal, TimeProvider time)
    {
        (_journal, _time) = (journal, time);
        _events = meter.CreateCounter<long>("lifeline.events", "{event}", "Events committed, by kind");
        _deaths = meter.CreateCounter<long>("lifeline.service.deaths", "{death}", "Deaths of a service since the monitor started, by reason");
        _detection = meter.CreateHistogram<double>("lifeline.service.detection.duration", "s", "From the kernel's word of a death to the decision about it");
        _reclaim = meter.CreateHistogram<double>("lifeline.service.reclaim.duration", "s", "How long it took to reclaim what a death left behind");
        _restart = meter.CreateHistogram<double>("lifeline.service.restart.duration", "s", "From a death to the exec of the next generation, delays of the restart policy included");
        _commit = meter.CreateHistogram<double>("lifeline.journal.commit.duration", "s", "From an event to its commit to the journal");
        journal.Committed += Note;
    }

    public void Dispose() => _journal.Committed -= Note;

    private void Note(IReadOnlyList<ServiceEvent> events)
    {
        foreach (var e in events)
        {
            _events.Add(1, new KeyValuePair<string, object?>("kind", e.Kind));
            if (e.Service is { } service)
                Note(service, e);
        }

        _commit.Record(Math.Max((_time.GetUtcNow() - events[^1].At).TotalSeconds, 0));
    }

    private void Note(string service, ServiceEvent e)
    {
        switch (e.Kind)
        {
            case EventKinds.ServiceDied:
                var (reason, microseconds) = Read(e.DataJson, "reason", "detect_us");
                _deaths.Add(1, new("service", service), new("reason", reason ?? "lost"));
                if (microseconds is { } detected)
                    _detection.Record(detected / 1e6);
                _died[service] = (e.Generation, e.At);
                break;
            case EventKinds.ServiceReclaimed:
                if (Read(e.DataJson, null, "took_us").Microseconds is { } took)
                    _reclaim.Record(took / 1e6);
                break;
            case EventKinds.ServiceStarted when _died.TryRemove(service, out var death) && e.Generation == death.Generation + 1:
                _restart.Record(Math.Max((e.At - death.At).TotalSeconds, 0));
                break;
            case EventKinds.ServiceStopped:
                _died.TryRemove(service, out _);
                break;
        }
    }

    private static (string? Text, long? Microseconds) Read(string dataJson, string? text, string microseconds)
    {
        using var data = JsonDocument.Parse(dataJson);
        var root = data.RootElement;
        return (
            text is not null && root.TryGetProperty(text, out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : null,
            root.TryGetProperty(microseconds, out var m) && m.ValueKind == JsonValueKind.Number && m.TryGetInt64(out var number) ? number : null);
    }
}
