using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>An invariant is broken.</summary>
internal sealed class InvariantBrokenException(string message) : Exception(message);

/// <summary>Watches the machine and the journal, never the core: what must always hold.</summary>
internal sealed class InvariantChecker
{
    private readonly Dictionary<string, int> _lastExec = [];
    private readonly Dictionary<string, int> _lastStarting = [];
    private readonly HashSet<(string Service, int Generation)> _started = [];
    private readonly HashSet<(string Service, int Generation)> _died = [];
    private readonly HashSet<(string Alert, string Rule, string Service)> _open = [];
    private readonly Dictionary<long, (string Service, string Rule)> _alerts = [];

    /// <summary>Services that may have two generations at a time, or may have had.</summary>
    public HashSet<string> MayOverlap { get; } = [];

    public long Execs { get; private set; }

    /// <summary>Generations that took over from one that was asked to stop only then.</summary>
    public long Replaced { get; private set; }

    public long ReplacementsFailed { get; private set; }

    public long Deaths => _died.Count;

    /// <summary>I3 and I4, at the moment they could break; and a generation never comes twice (I1).</summary>
    public void BeforeExec(string service, int generation, IEnumerable<SimulatedProcess> alive)
    {
        Execs++;
        foreach (var process in alive)
        {
            if (process.IsMain)
                throw new InvariantBrokenException($"I3: {service}/{generation} starts while the main process {process.Pid} of generation {process.Generation} lives");
            if (process.Generation != generation)
                throw new InvariantBrokenException($"I4: {service}/{generation} starts while process {process.Pid} of the tree of generation {process.Generation} lives");
        }

        if (_lastExec.TryGetValue(service, out var last) && generation <= last)
            throw new InvariantBrokenException($"I1: {service}/{generation} starts after generation {last}");
        _lastExec[service] = generation;
    }

    /// <summary>I2: a notice may be dropped only when the death is in the journal.</summary>
    public void BeforeAcknowledge(string service, int generation)
    {
        if (!_died.Contains((SlotKeys.ServiceOf(service), generation)))
            throw new InvariantBrokenException($"I2: the exit of {service}/{generation} is acknowledged before its death is in the journal");
    }

    public void OnCommitted(RecordEvent recorded)
    {
        if (recorded.Service is not { } service) return;
        var key = (service, recorded.Generation);
        switch (recorded.Kind)
        {
            case EventKinds.ServiceStarting: OnStarting(service, recorded.Generation); break;
            case EventKinds.ServiceDied when !_died.Add(key):
                throw new InvariantBrokenException($"I2: {service}/{recorded.Generation} died twice");
            case EventKinds.ServiceStarted or EventKinds.ServiceReady or EventKinds.ServiceAdopted or EventKinds.ServiceHung or EventKinds.ServiceExtended or EventKinds.ServiceProbe or EventKinds.ServiceOverLimit
                or EventKinds.ServiceHealth or EventKinds.ServiceStopping or EventKinds.ServiceDying or EventKinds.SessionLost
                when _died.Contains(key):
                throw new InvariantBrokenException($"I1: {recorded.Kind} of {service}/{recorded.Generation} after its death");
            case EventKinds.ServiceReplaced: Replaced++; break;
            case EventKinds.ServiceReplacementFailed: ReplacementsFailed++; break;
            case EventKinds.AlertRaised:
                OnRaised(service, Text(recorded, "rule"), (long)recorded.Data["alert_id"]!.Value.Value!);
                _open.Add((Text(recorded, "alert"), Text(recorded, "rule"), service));
                break;
            case EventKinds.AlertResolved when !_open.Remove((Text(recorded, "alert"), Text(recorded, "rule"), service)):
                throw new InvariantBrokenException($"an alert of {service} is resolved that is not open");
        }
    }

    // A number means one service and one rule for ever.
    private void OnRaised(string service, string rule, long id)
    {
        if (id <= 0 || (_alerts.TryGetValue(id, out var owner) && owner != (service, rule)))
            throw new InvariantBrokenException($"I8: alert {id} of {service} ({rule}) has the number of another");
        _alerts[id] = (service, rule);
    }

    private void OnStarting(string service, int generation)
    {
        if (_lastStarting.TryGetValue(service, out var last))
        {
            if (generation != last + 1)
                throw new InvariantBrokenException($"I1: generation {generation} of {service} is ordered after {last}");
            var living = Enumerable.Range(1, last).Where(before => _started.Contains((service, before)) && !_died.Contains((service, before))).ToArray();
            if (living.Length > (MayOverlap.Contains(service) ? 1 : 0))
                throw new InvariantBrokenException($"I2: {service}/{generation} is ordered and the death of {living[0]} is not in the journal");
        }

        _started.Add((service, generation));

        _lastStarting[service] = generation;
    }

    private static string Text(RecordEvent recorded, string key) => (string)recorded.Data[key]!.Value.Value!;
}
