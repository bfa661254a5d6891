using Lifeline.Contracts;
using Lifeline.Ipc;
using Microsoft.Extensions.Logging;

namespace Lifeline.Client;

/// <summary>Keeps one registration with whichever monitor is there: connects, registers, waits for its death, and begins again.</summary>
internal sealed class MonitorLink : IAsyncDisposable
{
    private readonly ReporterIdentity _identity;
    private readonly StatusReporterOptions _options;
    private readonly ReporterSlot _slot;
    private readonly StopListener _stub;
    private readonly ClaimSet _claims;
    private readonly Doorbell _doorbell;
    private readonly Action<RegistrationResult?> _changed;
    private readonly IpcEndpoint _endpoint;
    private readonly LivenessProbe _probe;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private ServiceMonitorProxy? _monitor;
    private string? _lastTrouble;

    public MonitorLink(
        ReporterIdentity identity,
        StatusReporterOptions options,
        ReporterSlot slot,
        StopListener stub,
        ClaimSet claims,
        Doorbell doorbell,
        Action<RegistrationResult?> changed)
    {
        _identity = identity;
        _options = options;
        _slot = slot;
        _stub = stub;
        _claims = claims;
        _doorbell = doorbell;
        _changed = changed;
        _probe = new LivenessProbe(options);
        _endpoint = new IpcEndpoint(new IpcEndpointOptions
        {
            Name = "lifeline",
            Workers = 2,
            Logger = options.Logger,
            TimeProvider = options.TimeProvider,
        });
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Sends a sign of life by hand, if there is a monitor: otherwise the registration will be one.</summary>
    public void Beat()
    {
        try
        {
            Volatile.Read(ref _monitor)?.Beat();
        }
        catch (Exception e) when (e is IpcException or ObjectDisposedException)
        {
            _options.Logger.LogDebug(e, "A beat could not be sent.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await _endpoint.DisposeAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var delay = _options.InitialRetry;
        try
        {
            while (true)
            {
                var wasRegistered = await TryServeOneMonitorAsync().ConfigureAwait(false);
                if (wasRegistered)
                    delay = _options.InitialRetry;
                await PauseAsync(delay).ConfigureAwait(false);
                delay = delay * 2 < _options.MaxRetry ? delay * 2 : _options.MaxRetry;
            }
        }
        catch (Exception e) when (_stopping.IsCancellationRequested)
        {
            _options.Logger.LogDebug(e, "The registration ends with the reporter.");
        }
    }

    private async Task<bool> TryServeOneMonitorAsync()
    {
        try
        {
            await ServeOneMonitorAsync().ConfigureAwait(false);
            return true;
        }
        // Whatever went wrong with this monitor, the service goes on and the next one may do.
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            if (_lastTrouble != e.Message)
                _options.Logger.LogDebug(e, "No registration with the monitor at {Path}; trying on.", _identity.SocketPath);
            _lastTrouble = e.Message;
            return false;
        }
    }

    /// <summary>Returns once the monitor is gone; throws when no registration came about.</summary>
    private async Task ServeOneMonitorAsync()
    {
        var cancellation = _stopping.Token;
        using var connection = await MonitorConnection.ConnectAsync(_endpoint, _identity.SocketPath!, cancellation).ConfigureAwait(false);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var death = connection.Proxy.AddDeathRecipient(_ => gone.TrySetResult());
        var monitor = connection.Monitor;
        var result = await monitor.RegisterAsync(_identity.Service, _identity.Generation, _stub, _slot.File, cancellation).ConfigureAwait(false);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var beats = result.HeartbeatInterval is { } interval && interval > TimeSpan.Zero && _options.AutomaticBeats
            ? new Heartbeat(monitor, interval, _probe, _options).RunAsync(over.Token)
            : Task.CompletedTask;
        Volatile.Write(ref _monitor, monitor);
        var claiming = _claims.AttachAsync(monitor);
        _doorbell.Attach(monitor);
        _changed(result);
        try
        {
            await gone.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            _doorbell.Attach(null);
            _claims.Detach();
            Volatile.Write(ref _monitor, null);
            await over.CancelAsync().ConfigureAwait(false);
            _changed(null);
            connection.Dispose();
            await Task.WhenAll(beats, claiming).ConfigureAwait(false);
        }
    }

    // Thousands of services lose the same monitor at the same moment: they do not come back at the same one.
    private Task PauseAsync(TimeSpan delay) =>
        Task.Delay(delay * (0.5 + (Random.Shared.NextDouble() / 2)), _options.TimeProvider, _stopping.Token);
}
