using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Contracts;

/// <summary>
/// A reporter's side of <c>lifeline.IServiceMonitor</c>. Thread-safe. Does not own the proxy. Methods that wait for an answer throw
/// <see cref="IpcException"/>: with the monitor's own words when it refuses, with <see cref="IpcError.DeadObject"/> when it is gone.
/// </summary>
/// <param name="proxy">The monitor.</param>
public sealed class ServiceMonitorProxy(IpcProxy proxy)
{
    /// <summary>The monitor.</summary>
    public IpcProxy Proxy { get; } = proxy;

    /// <summary>Makes the caller known.</summary>
    /// <param name="service">The service it believes to be; null if it does not know.</param>
    /// <param name="generation">The generation it believes to be; null if it does not know.</param>
    /// <param name="reporter">Its own stub, by which the monitor sees its death and asks it to stop.</param>
    /// <param name="statusSlot">The memfd of its status slot; a duplicate is sent. Null if it has none.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task<RegistrationResult> RegisterAsync(
        string? service, int? generation, MonitoredServiceStub reporter, Descriptor? statusSlot, CancellationToken cancellationToken = default)
    {
        var data = MonitorCall.NewRequest();
        RequestCodec.WriteRegistration(data, service, generation, reporter, statusSlot);
        using var reply = await MonitorCall.CallAsync(Proxy, ServiceMonitorCodes.Register, data, null, cancellationToken).ConfigureAwait(false);
        return AnswerCodec.ReadRegistration(reply);
    }

    /// <summary>Says that the status slot changed. Never waits.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.QueueFull"/>: try again later; <see cref="IpcError.DeadObject"/>: the monitor is gone.</exception>
    public void Doorbell() => Post(ServiceMonitorCodes.Doorbell);

    /// <summary>Says that the caller lives. Never waits.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.QueueFull"/>: try again later; <see cref="IpcError.DeadObject"/>: the monitor is gone.</exception>
    public void Beat() => Post(ServiceMonitorCodes.Beat);

    /// <summary>Claims something to be reclaimed at the caller's death.</summary>
    public Task ClaimAsync(ClaimKind kind, string what, CancellationToken cancellationToken = default) =>
        ClaimAsync(ServiceMonitorCodes.Claim, kind, what, cancellationToken);

    /// <summary>Gives a claim up.</summary>
    public Task UnclaimAsync(ClaimKind kind, string what, CancellationToken cancellationToken = default) =>
        ClaimAsync(ServiceMonitorCodes.Unclaim, kind, what, cancellationToken);

    /// <summary>Reports without a status slot, and waits until the monitor has taken it.</summary>
    /// <param name="report">The status.</param>
    /// <param name="service">The service the caller believes to be; the monitor decides by the kernel's identity.</param>
    /// <param name="generation">The generation it believes to be.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StatusLimitException">The status is larger than <see cref="StatusLimits"/> allow.</exception>
    public Task ReportAsync(StatusReport report, string? service = null, int? generation = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        var data = MonitorCall.NewRequest();
        RequestCodec.WriteReport(data, report, service, generation);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, ServiceMonitorCodes.Report, data, cancellationToken);
    }

    private Task ClaimAsync(uint code, ClaimKind kind, string what, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(what);
        if (ClaimRules.Check(kind, what) is { } fault)
            throw new IpcException(IpcError.CheckParam, fault);
        var data = MonitorCall.NewRequest();
        RequestCodec.WriteClaim(data, kind, what);
        return MonitorCall.CallWithoutAnswerAsync(Proxy, code, data, cancellationToken);
    }

    private void Post(uint code)
    {
        using var data = MonitorCall.NewRequest();
        Proxy.Post(code, data);
    }
}
