using Lifeline.Ipc;

namespace Lifeline.Contracts.Tests;

/// <summary>A monitor that writes down what it is asked and answers with what it was given.</summary>
internal sealed class RecordingMonitor : ServiceMonitorStub
{
    private readonly List<string> _calls = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<ServiceSnapshot> Snapshots { get; set; } = [];

    public IReadOnlyList<ServiceOutline> Outlines { get; set; } = [];

    /// <summary>How many services it gives for a page, whether they fit or not.</summary>
    public int PageLength { get; set; } = 1000;

    public EventPage Events { get; set; } = new([], 0);

    public LogChunk Logs { get; set; } = new("", []);

    public ReloadResult Reload { get; set; } = new(false, [], []);

    public RegistrationResult Registration { get; set; } = new(null, 0, null);

    public MonitorInfo Info { get; set; } = new() { Version = "1", Pid = 2, KeeperPid = 3, StartedAt = DateTimeOffset.UnixEpoch };

    public Exception? Refusal { get; set; }

    public TaskCompletionSource<RegistrationRequest> Registered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (_calls)
                return [.. _calls];
        }
    }

    protected override ValueTask<RegistrationResult> RegisterAsync(RegistrationRequest request, CallContext context)
    {
        Note($"register {request.Service} {request.Generation} {request.StatusSlot is not null}");
        Registered.TrySetResult(request);
        return new(Registration);
    }

    protected override ValueTask DoorbellAsync(CallContext context) => Note($"doorbell {context.IsOneWay}");

    protected override ValueTask BeatAsync(CallContext context) => Note($"beat {context.IsOneWay}");

    protected override ValueTask ClaimAsync(ClaimKind kind, string what, CallContext context) => Note($"claim {kind} {what}");

    protected override ValueTask UnclaimAsync(ClaimKind kind, string what, CallContext context) => Note($"unclaim {kind} {what}");

    protected override ValueTask ReportAsync(StatusReport report, string? service, int? generation, CallContext context) =>
        Note($"report {report.Text} {service} {generation} from {context.Caller.Pid == Environment.ProcessId}");

    protected override ValueTask<ServicePage<ServiceSnapshot>> StatusAsync(IReadOnlyList<string> names, int first, CallContext context)
    {
        Note($"status {string.Join(',', names)}");
        return new(new ServicePage<ServiceSnapshot>([.. Snapshots.Skip(first).Take(PageLength)], first + PageLength >= Snapshots.Count));
    }

    protected override ValueTask<ServicePage<ServiceOutline>> ListAsync(IReadOnlyList<string> patterns, ServiceRelations relations, int first, CallContext context)
    {
        Note($"list {string.Join(',', patterns)} {relations} {first}");
        return new(new ServicePage<ServiceOutline>([.. Outlines.Skip(first).Take(PageLength)], first + PageLength >= Outlines.Count));
    }

    protected override ValueTask<EventPage> EventsAsync(EventQuery query, CallContext context)
    {
        Note($"events {query.AfterId} {query.Limit}");
        return new(Events);
    }

    protected override ValueTask StartAsync(IReadOnlyList<string> names, CallContext context) => Note($"start {string.Join(',', names)}");

    protected override ValueTask StopAsync(IReadOnlyList<string> names, CallContext context) => Note($"stop {string.Join(',', names)}");

    protected override ValueTask RestartAsync(IReadOnlyList<string> names, CallContext context) => Note($"restart {string.Join(',', names)}");

    protected override ValueTask KillAsync(string name, int signal, CallContext context) => Note($"kill {name} {signal}");

    protected override ValueTask ReloadServicesAsync(IReadOnlyList<string> names, CallContext context) => Note($"reload services {string.Join(',', names)}");

    protected override ValueTask DownAsync(CallContext context) => Note("down");

    protected override ValueTask<ReloadResult> ReloadAsync(bool dryRun, CallContext context)
    {
        Note($"reload {dryRun}");
        return new(Reload);
    }

    protected override ValueTask<LogChunk> LogsAsync(LogQuery query, CallContext context)
    {
        Note($"logs {query.Service} {query.Cursor} {query.Lines}");
        return new(Logs);
    }

    protected override ValueTask<MonitorInfo> InfoAsync(CallContext context)
    {
        Note("info");
        return new(Info);
    }

    public async Task WaitForCallsAsync(int count)
    {
        while (true)
        {
            Task changed;
            lock (_calls)
            {
                if (_calls.Count >= count)
                    return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private ValueTask Note(string call)
    {
        lock (_calls)
        {
            _calls.Add(call);
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return Refusal is null ? default : throw Refusal;
    }
}
