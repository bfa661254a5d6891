using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Client.Tests;

/// <summary>One life of a monitor: writes down what reporters tell it, and reads their slots.</summary>
internal sealed class FakeMonitor : ServiceMonitorStub, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<string> _claims = [];
    private readonly List<Registered> _registrations = [];
    private readonly IpcEndpoint _endpoint = new();
    private int _beats;
    private int _rings;

    public FakeMonitor(UnixSocket listener, TimeSpan? heartbeat = null, IpcRegistry? registry = null)
    {
        Heartbeat = heartbeat;
        registry?.Add(ServiceMonitorCodes.RegistryName, this);
        _endpoint.Listen(listener, registry ?? (IpcStub)this);
    }

    public Signal Changed { get; } = new();

    public TimeSpan? Heartbeat { get; }

    public string? RefusedClaim { get; set; }

    public int Beats => Volatile.Read(ref _beats);

    public int Rings => Volatile.Read(ref _rings);

    public IReadOnlyList<string> Claims
    {
        get
        {
            lock (_gate)
                return [.. _claims];
        }
    }

    public IReadOnlyList<Registered> Registrations
    {
        get
        {
            lock (_gate)
                return [.. _registrations];
        }
    }

    public async Task<Registered> FirstRegistrationAsync()
    {
        await Changed.UntilAsync(() => Registrations.Count != 0);
        return Registrations[0];
    }

    public Task UntilTextAsync(string text) =>
        Changed.UntilAsync(() => Rings != 0 && Registrations is [.., var last] && last.Read()?.Text == text);

    public async ValueTask DisposeAsync()
    {
        await _endpoint.DisposeAsync();
        foreach (var registration in Registrations)
            registration.Dispose();
    }

    protected override ValueTask<RegistrationResult> RegisterAsync(RegistrationRequest request, CallContext context)
    {
        var registered = new Registered(request, context.Caller.Pid);
        registered.WatchDeath(Changed);
        lock (_gate)
            _registrations.Add(registered);
        Changed.Raise();
        return new(new RegistrationResult(request.Service, request.Generation ?? 0, Heartbeat));
    }

    protected override ValueTask DoorbellAsync(CallContext context)
    {
        Interlocked.Increment(ref _rings);
        Changed.Raise();
        return default;
    }

    protected override ValueTask BeatAsync(CallContext context)
    {
        Interlocked.Increment(ref _beats);
        Changed.Raise();
        return default;
    }

    protected override ValueTask ClaimAsync(ClaimKind kind, string what, CallContext context) => NoteClaim($"+{JsonNames.Of(kind)} {what}");

    protected override ValueTask UnclaimAsync(ClaimKind kind, string what, CallContext context) => NoteClaim($"-{JsonNames.Of(kind)} {what}");

    protected override ValueTask ReportAsync(StatusReport report, string? service, int? generation, CallContext context) => throw NotAsked();

    protected override ValueTask<ServicePage<ServiceSnapshot>> StatusAsync(IReadOnlyList<string> names, int first, CallContext context) =>
        throw NotAsked();

    protected override ValueTask<EventPage> EventsAsync(EventQuery query, CallContext context) => throw NotAsked();

    protected override ValueTask StartAsync(IReadOnlyList<string> names, CallContext context) => throw NotAsked();

    protected override ValueTask StopAsync(IReadOnlyList<string> names, CallContext context) => throw NotAsked();

    protected override ValueTask RestartAsync(IReadOnlyList<string> names, CallContext context) => throw NotAsked();

    protected override ValueTask KillAsync(string name, int signal, CallContext context) => throw NotAsked();

    protected override ValueTask ReloadServicesAsync(IReadOnlyList<string> names, CallContext context) => throw NotAsked();

    protected override ValueTask DownAsync(CallContext context) => throw NotAsked();

    protected override ValueTask<ReloadResult> ReloadAsync(bool dryRun, CallContext context) => throw NotAsked();

    protected override ValueTask<LogChunk> LogsAsync(LogQuery query, CallContext context) => throw NotAsked();

    protected override ValueTask<MonitorInfo> InfoAsync(CallContext context) => throw NotAsked();

    private static InvalidOperationException NotAsked() => new("No reporter asks this.");

    private ValueTask NoteClaim(string claim)
    {
        lock (_gate)
            _claims.Add(claim);
        Changed.Raise();
        return RefusedClaim is { } refused && claim.EndsWith(refused, StringComparison.Ordinal)
            ? throw new IpcException(IpcError.PermissionDenied, "Not yours.")
            : default;
    }
}
