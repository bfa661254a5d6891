using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>The monitor's side of <c>lifeline.IMonitoredService</c>. Thread-safe. Does not own the proxy.</summary>
/// <param name="proxy">The reporter's stub, as it came with the registration.</param>
public sealed class MonitoredServiceProxy(IpcProxy proxy)
{
    /// <summary>The reporter's stub.</summary>
    public IpcProxy Proxy { get; } = proxy;

    /// <summary>Asks the service to stop. Never waits.</summary>
    /// <param name="timeout">After this it will be killed.</param>
    /// <exception cref="IpcException">The service's queue is full, or it is gone.</exception>
    public void StopRequested(TimeSpan timeout)
    {
        using var data = new Parcel();
        data.WriteInterfaceToken(MonitoredServiceCodes.Descriptor);
        data.WriteDuration(timeout);
        Proxy.Post(MonitoredServiceCodes.StopRequested, data);
    }
}
