using Lifeline.Cli;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Tests.Cli;

/// <summary>A monitor that answers what the test put in, over a real socket.</summary>
internal sealed class FakeMonitor : ServiceMonitorStub, IAsyncDisposable
{
    // So few lines in one answer that a log needs several.
    private const int PageLines = 3;

    private readonly IpcEndpoint endpoint = new();
    private readonly Lock gate = new();
    private readonly List<ServiceEvent> events = [];
    private TaskCompletionSource news = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeMonitor(string runFolder)
    {
        Directory.CreateDirectory(runFolder);
        File.Delete(Path.Combine(runFolder, "ipc.sock"));
        endpoint.Listen(Path.Combine(runFolder, "ipc.sock"), this);
    }

    public List<ServiceSnapshot> Services { get; } = [];

    public Dictionary<string, List<LogLine>> Logs { get; } = [];

    /// <summary>It is of a version that cannot list its services.</summary>
    public bool IsOld { get; set; }

    /// <summary>Which generations' lines were asked for.</summary>
    public List<int?> Generations { get; } = [];

    /// <summary>What was asked about services, in the order of its arrival.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Orders and reports in the order of their arrival.</summary>
    public List<string> Received { get; } = [];

    public MonitorInfo Info { get; set; } = new() { Version = "0", Pid = 0, KeeperPid = 0, StartedAt = DateTimeOffset.UnixEpoch };

    /// <summary>What an order makes of the services.</summary>
    public Action<string, string>? OnOrder { get; set; }

    /// <summary>What happens once the status was read.</summary>
    public Action? AfterStatus { get; set; }

    /// <summary>What happens when lines after a cursor are asked for.</summary>
    public Action<string>? OnLogs { get; set; }

    public StatusReport? LastReport { get; private set; }

    public (string? Service, int? Generation) LastReporter { get; private set; }

    public void Happen(string kind, string? service, string data = "{}", int generation = 1)
    {
        lock (gate)
        {
            events.Add(new ServiceEvent { Id = events.Count + 1, At = DateTimeOffset.UnixEpoch.AddSeconds(events.Count), Kind = kind, Service = service, Generation = generation, DataJson = data });
            News();
        }
    }

    public void Print(string service, string text, LogStream stream = LogStream.StandardOutput, bool continues = false, int? generation = null)
    {
        lock (gate)
        {
            if (!Logs.TryGetValue(service, out var lines)) Logs[service] = lines = [];
            lines.Add(new LogLine(stream, DateTimeOffset.UnixEpoch.AddMilliseconds(Logs.Values.Sum(log => log.Count)), text, continues) { Generation = generation });
            News();
        }
    }

    public void Set(ServiceSnapshot service)
    {
        lock (gate)
        {
            var index = Services.FindIndex(known => known.Name == service.Name);
            if (index < 0) Services.Add(service);
            else Services[index] = service;
        }
    }

    public ValueTask DisposeAsync() => endpoint.DisposeAsync();

    protected override ValueTask<ServicePage<ServiceSnapshot>> StatusAsync(IReadOnlyList<string> names, int first, CallContext context)
    {
        ServiceSnapshot[] found;
        lock (gate)
        {
            Asked.Add($"status {string.Join(' ', names)}".TrimEnd());
            Check(names);
            found = [.. Services.Where(service => names.Count == 0 || names.Contains(service.Name))];
        }

        AfterStatus?.Invoke();
        return new(new ServicePage<ServiceSnapshot>([.. found.Skip(first)], true));
    }

    protected override ValueTask<ServicePage<ServiceOutline>> ListAsync(IReadOnlyList<string> patterns, ServiceRelations relations, int first, CallContext context)
    {
        if (IsOld) return base.ListAsync(patterns, relations, first, context);
        lock (gate)
        {
            Asked.Add($"list {string.Join(' ', patterns)}".TrimEnd());
            var names = Services.Select(service => service.Name).ToHashSet();
            var meant = patterns.Count == 0 ? names : [.. names.Where(name => patterns.Any(pattern => Glob.IsMatch(pattern, name) || Glob.IsMatch(pattern, ServiceNames.FamilyOf(name))))];
            var related = names.Where(name => !meant.Contains(name) && relations != ServiceRelations.None).ToHashSet();
            return new(new ServicePage<ServiceOutline>(
                [.. Services.Where(service => meant.Contains(service.Name) || related.Contains(service.Name)).Select(service => ServiceOutlines.Of(service) with { IsRelated = related.Contains(service.Name) }).Skip(first)], true));
        }
    }

    protected override async ValueTask<EventPage> EventsAsync(EventQuery query, CallContext context)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                var matching = events.Where(e => (query.Service is null || query.Service.Split(',').Contains(e.Service)) && (query.Since is null || e.At >= query.Since)).ToArray();
                var found = query.AfterId is { } after ? matching.Where(e => e.Id > after).Take(query.Limit).ToArray() : matching.TakeLast(query.Limit).ToArray();
                var last = found.Length == query.Limit && found.Length > 0 ? found[^1].Id : events.Count;
                if (found.Length > 0 || query.Wait == TimeSpan.Zero) return new EventPage(found, last);
                wait = news.Task;
            }
            await Task.WhenAny(wait, Task.Delay(query.Wait, context.Cancelled));
            if (!wait.IsCompleted) return new EventPage([], query.AfterId ?? 0);
        }
    }

    protected override async ValueTask<LogChunk> LogsAsync(LogQuery query, CallContext context)
    {
        if (query.Cursor is not null) OnLogs?.Invoke(query.Service);
        while (true)
        {
            Task wait;
            lock (gate)
            {
                Generations.Add(query.Generation);
                var lines = Logs.GetValueOrDefault(query.Service) ?? [];
                var from = query.Cursor switch { null or "1:0.0:0.0" => 0, var cursor => int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture) };
                var matching = lines.Index().Skip(from).Where(line => query.Since is null || line.Item.At >= query.Since).ToArray();
                var found = query.Cursor is null ? matching.TakeLast(Math.Min(query.Lines, PageLines)).ToArray() : matching.Take(Math.Min(query.Lines, PageLines)).ToArray();
                if (found.Length > 0 || query.Wait == TimeSpan.Zero)
                    return new LogChunk($"{(query.Cursor is null || found.Length == 0 ? lines.Count : found[^1].Index + 1)}", [.. found.Select(line => line.Item)]);
                wait = news.Task;
            }
            await Task.WhenAny(wait, Task.Delay(query.Wait, context.Cancelled));
            if (!wait.IsCompleted) return new LogChunk(query.Cursor!, []);
        }
    }

    protected override ValueTask StartAsync(IReadOnlyList<string> names, CallContext context) => Take("start", names);

    protected override ValueTask StopAsync(IReadOnlyList<string> names, CallContext context) => Take("stop", names);

    protected override ValueTask RestartAsync(IReadOnlyList<string> names, CallContext context) => Take("restart", names);

    protected override ValueTask KillAsync(string name, int signal, CallContext context) => Take($"kill {signal}", [name]);

    protected override ValueTask ReloadServicesAsync(IReadOnlyList<string> names, CallContext context) => Take("reload", names);

    protected override ValueTask DownAsync(CallContext context) => Take("down", []);

    protected override ValueTask<ReloadResult> ReloadAsync(bool dryRun, CallContext context) => throw new NotSupportedException();

    protected override ValueTask<MonitorInfo> InfoAsync(CallContext context) => new(Info);

    protected override ValueTask ReportAsync(StatusReport report, string? service, int? generation, CallContext context)
    {
        lock (gate) (LastReport, LastReporter) = (report, (service, generation));
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<RegistrationResult> RegisterAsync(RegistrationRequest request, CallContext context) => throw new NotSupportedException();

    protected override ValueTask DoorbellAsync(CallContext context) => ValueTask.CompletedTask;

    protected override ValueTask BeatAsync(CallContext context) => ValueTask.CompletedTask;

    protected override ValueTask ClaimAsync(ClaimKind kind, string what, CallContext context) => ValueTask.CompletedTask;

    protected override ValueTask UnclaimAsync(ClaimKind kind, string what, CallContext context) => ValueTask.CompletedTask;

    private ValueTask Take(string order, IReadOnlyList<string> names)
    {
        lock (gate)
        {
            Check(names);
            Received.Add($"{order} {string.Join(' ', names)}".TrimEnd());
        }
        foreach (var name in names) OnOrder?.Invoke(order, name);
        if (names.Count == 0) OnOrder?.Invoke(order, "");
        return ValueTask.CompletedTask;
    }

    private void Check(IReadOnlyList<string> names)
    {
        foreach (var name in names)
            if (Services.All(service => service.Name != name)) throw new IpcException(IpcError.NotFound, $"There is no service {name}.");
    }

    private void News()
    {
        var before = news;
        news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        before.SetResult();
    }
}
