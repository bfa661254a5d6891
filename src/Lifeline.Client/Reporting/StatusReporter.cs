using Lifeline.Contracts;

namespace Lifeline.Client;

/// <summary>
/// Tells the Lifeline monitor how this service is doing. <see cref="Report"/> writes shared memory and rings; it never waits for the monitor
/// and never fails because of it. In a process that Lifeline did not start, all of it does nothing.
/// Registers with the monitor by itself, and again with the next one when it dies. Thread-safe; one for a process is enough.
/// </summary>
public sealed class StatusReporter : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ReporterSlot _slot;
    private readonly ClaimSet _claims;
    private readonly Doorbell _doorbell;
    private readonly SerialLane _handlers;
    private readonly CancellationTokenSource _stop = new();
    private readonly MonitorLink? _link;
    private RegistrationResult? _registration;
    private bool? _ready;
    private bool _isDisposed;

    private StatusReporter(StatusReporterOptions options)
    {
        var identity = ReporterIdentity.From(options);
        Stopping = _stop.Token;
        Service = identity.Service;
        Generation = identity.Generation;
        _handlers = new SerialLane(options.Logger);
        _claims = new ClaimSet(options.Logger);
        _doorbell = new Doorbell(options.TimeProvider);
        _slot = ReporterSlot.Create(identity.SocketPath is not null, identity.Generation ?? 0);
        if (identity.SocketPath is not null)
            _link = new MonitorLink(identity, options, _slot, new StopListener(OnStopRequested), _claims, _doorbell, OnConnectionChanged);
    }

    /// <summary>The connection to the monitor came (true) or went (false). Called on the thread pool, in order.</summary>
    public event Action<bool>? ConnectionChanged;

    /// <summary>The monitor asks the service to stop within the given time, after which it is killed. Called on the thread pool. See also <see cref="Stopping"/>.</summary>
    public event Action<TimeSpan>? StopRequested;

    /// <summary>Cancelled when the monitor asks the service to stop.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Whether a monitor knows of this process at this moment.</summary>
    public bool IsConnected => Volatile.Read(ref _registration) is not null;

    /// <summary>The service that this process is, as the options or the environment say; null if neither does.</summary>
    public string? Service { get; }

    /// <summary>The generation that this process is, as the options or the environment say; null if neither does.</summary>
    public int? Generation { get; }

    /// <summary>Makes a reporter, which begins at once to look for the monitor.</summary>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <exception cref="ArgumentException">An option is wrong.</exception>
    /// <exception cref="Linux.LinuxException">The kernel gave no shared memory.</exception>
    public static StatusReporter Create(StatusReporterOptions? options = null) => new((options ?? new StatusReporterOptions()).Validated());

    /// <summary>
    /// Reports a status. Once this returns, the status is not lost any more by a death of this process or of the monitor, as soon as a monitor
    /// had registered it once. Never waits, allocates nothing without fields, and does nothing after <see cref="DisposeAsync"/>.
    /// </summary>
    /// <param name="health">How the service is doing.</param>
    /// <param name="text">One line for people, at most <see cref="StatusLimits.MaxTextBytes"/> bytes of UTF-8.</param>
    /// <param name="code">A number of the service's own.</param>
    /// <param name="fields">Named values, at most <see cref="StatusLimits.MaxFields"/>; read before this returns.</param>
    /// <param name="ready">Whether the service is ready for work; null leaves what was said last.</param>
    /// <exception cref="StatusLimitException">The status is larger than <see cref="StatusLimits"/> allow; the one before stays.</exception>
    public void Report(
        ServiceHealth health, string text = "", int code = 0, IReadOnlyDictionary<string, StatusValue>? fields = null, bool? ready = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            if (_isDisposed)
                return;
            Write(health, text, code, fields, ready);
        }

        _doorbell.Ring();
    }

    /// <summary>Reports that the service is ready for work, and else what was reported last; healthy if its health was unknown.</summary>
    public void Ready()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            var last = _slot.ReadLast() ?? new StatusReport();
            var health = last.Health == ServiceHealth.Unknown ? ServiceHealth.Healthy : last.Health;
            Write(health, last.Text, last.Code, last.Fields, ready: true);
        }

        _doorbell.Ring();
    }

    /// <summary>Sends a sign of life by hand, for a service with a heartbeat and <see cref="StatusReporterOptions.AutomaticBeats"/> off. Never waits.</summary>
    public void Beat() => _link?.Beat();

    /// <summary>
    /// Claims something as this service's own: the monitor removes it when the service dies. Claim it before making it.
    /// Never waits; the claim is made again with each new monitor.
    /// </summary>
    /// <param name="kind">What it is.</param>
    /// <param name="what">An absolute path, or the id of a System V object in decimal.</param>
    /// <returns>Ends the claim when disposed. Dispose it when the service itself has removed the thing.</returns>
    /// <exception cref="ArgumentException">The kind or the name cannot be.</exception>
    /// <exception cref="InvalidOperationException">1024 different things are claimed already.</exception>
    public IDisposable Claim(ClaimKind kind, string what)
    {
        if (ClaimRules.Check(kind, what) is { } fault)
            throw new ArgumentException(fault, nameof(what));
        _claims.Add(kind, what);
        return new ReporterClaim(_claims, kind, what);
    }

    /// <summary>Ends the connection and frees the memory. The last status stays with the monitor.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
        }

        if (_link is not null)
            await _link.DisposeAsync().ConfigureAwait(false);
        _doorbell.Dispose();
        _slot.Dispose();
        // The token stays usable: whoever holds Stopping may still register with it.
    }

    private void Write(ServiceHealth health, string text, int code, IReadOnlyDictionary<string, StatusValue>? fields, bool? ready)
    {
        // The monitor may see only the last of many statuses: what was said about readiness goes along with each.
        _slot.Writer.Write(health, code, text, fields, ready ?? _ready, _slot.Now);
        _ready = ready ?? _ready;
    }

    private void OnConnectionChanged(RegistrationResult? registration)
    {
        Volatile.Write(ref _registration, registration);
        _handlers.Run(() => ConnectionChanged?.Invoke(registration is not null));
    }

    private void OnStopRequested(TimeSpan timeout)
    {
        _ = _stop.CancelAsync();
        _handlers.Run(() => StopRequested?.Invoke(timeout));
    }
}
