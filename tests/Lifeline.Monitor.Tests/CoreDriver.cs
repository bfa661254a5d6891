using Lifeline.Contracts;

namespace Lifeline.Monitor.Tests;

/// <summary>A core with a clock in the test's hand. Times are milliseconds since the core's start.</summary>
internal sealed class CoreDriver
{
    private const long Origin = 1_000_000_000_000;

    private readonly List<Effect> _all = [];
    private List<Effect> _last = [];

    public CoreDriver(params ServiceSpec[] services)
        : this(new MonitorConfiguration(services, []))
    {
    }

    public CoreDriver(
        MonitorConfiguration configuration, IReadOnlyList<SlotRecord>? records = null, IReadOnlyList<InstanceReport>? instances = null,
        MonitorCoreOptions? options = null, long startAt = 0, AlertDeskRecord? alerts = null, ShutdownRequested? shutdown = null)
    {
        Core = new(options ?? Options);
        Now = startAt;
        Send(new MonitorStarted(configuration, records ?? [], instances ?? []) { Alerts = alerts, Shutdown = shutdown });
    }

    public static MonitorCoreOptions Options { get; } = new() { BootId = "boot", MonotonicZero = DateTimeOffset.UnixEpoch };

    public MonitorCore Core { get; }

    public double Now { get; private set; }

    /// <summary>What is found when the core asks why a service is silent; null: nobody answers.</summary>
    public HangEvidence? Evidence { get; set; } = new();

    /// <summary>Effects of the last event or advance.</summary>
    public IReadOnlyList<Effect> Last => _last;

    public IReadOnlyList<Effect> All => _all;

    public long Nanoseconds => At(Now);

    public IEnumerable<string> Kinds => Last.OfType<RecordEvent>().Select(recorded => recorded.Kind);

    public static long At(double milliseconds) => Origin + (long)(milliseconds * 1_000_000);

    public CoreDriver Send(MonitorEvent e)
    {
        _last = [];
        Handle(e);
        return this;
    }

    /// <summary>Lets time pass; the core gets its ticks exactly when it asks for them.</summary>
    public CoreDriver Advance(double milliseconds)
    {
        _last = [];
        var end = At(Now + milliseconds);
        while (Core.NextDeadline is { } next && next <= end)
        {
            Now = Math.Max(Now, (next - Origin) / 1e6);
            Handle(Tick.Instance);
        }

        Now = (end - Origin) / 1e6;
        return this;
    }

    /// <summary>Lets time pass in which nobody ticks: the machine was suspended, the monitor stalled.</summary>
    public CoreDriver Sleep(double milliseconds)
    {
        Now += milliseconds;
        return this;
    }

    public CoreDriver Launched(string service = "a", int pid = 4711) =>
        Send(new LaunchSucceeded(service, Generation(service), pid, 77, Nanoseconds));

    public CoreDriver Exits(ProcessExit exit, string service = "a") =>
        Send(new ProcessExited(service, Generation(service), exit, Nanoseconds));

    public CoreDriver Reclaims(bool treeEmpty = true, string service = "a") =>
        Send(new ReclaimFinished(service, Generation(service), LastReclaim(service).Attempt, [], treeEmpty, 900_000));

    /// <summary>Dies and is reclaimed, all in no time.</summary>
    public CoreDriver Dies(ProcessExit? exit = null, string service = "a") =>
        Exits(exit ?? new(null, 9), service).Reclaims(service: service);

    public CoreDriver Reports(ServiceHealth health, string text = "", int code = 0, bool? ready = null, string service = "a", long sequence = 1) =>
        Send(new StatusChanged(service, Generation(service), new StatusReport
        {
            Health = health, Text = text, Code = code, Ready = ready, Sequence = sequence, AtNanoseconds = Nanoseconds,
        }));

    public CoreDriver Beats(string service = "a") => Send(new BeatReceived(service, Generation(service)));

    public ServiceState State(string service = "a") => Core.View(service)!.State;

    public SlotPhase Phase(string service = "a") => Core.View(service)!.Phase;

    public int Generation(string service = "a") => Core.View(service)!.Generation;

    public T Only<T>() where T : Effect => Assert.Single(_last.OfType<T>());

    public bool Has<T>() where T : Effect => _last.OfType<T>().Any();

    public EventData Recorded(string kind) => Assert.Single(_last.OfType<RecordEvent>(), recorded => recorded.Kind == kind).Data;

    public IReadOnlyList<SlotRecord> Records() =>
        [.. _all.OfType<SaveSlot>().GroupBy(save => save.Record.Service).Select(saves => saves.Last().Record)];

    /// <summary>Another core goes on from what was saved.</summary>
    public CoreDriver Successor(
        IReadOnlyList<InstanceReport> instances, MonitorConfiguration configuration, MonitorCoreOptions? options = null, double after = 0) =>
        new(configuration, Records(), instances, options, startAt: (long)(Now + after), alerts: _all.OfType<SaveAlerts>().LastOrDefault()?.Record);

    private Reclaim LastReclaim(string service) => _all.OfType<Reclaim>().Last(reclaim => reclaim.Service == service);

    private void Handle(MonitorEvent e)
    {
        var before = _last.Count;
        Core.Handle(e, Nanoseconds, _last);
        _all.AddRange(_last.Skip(before));
        if (Evidence is null) return;
        foreach (var ask in _last.Skip(before).OfType<Diagnose>().ToArray())
            Handle(new SilenceDiagnosed(ask.Service, ask.Generation, Evidence));
    }
}
