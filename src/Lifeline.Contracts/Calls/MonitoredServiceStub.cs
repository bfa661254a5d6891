using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>The service's side of <c>lifeline.IMonitoredService</c>: handed to the monitor at registration.</summary>
public abstract class MonitoredServiceStub : IpcStub
{
    /// <summary>Makes the stub.</summary>
    protected MonitoredServiceStub() : base(MonitoredServiceCodes.Descriptor)
    {
    }

    /// <summary>The monitor asks the service to stop within a time, after which it is killed.</summary>
    protected abstract ValueTask OnStopRequestedAsync(TimeSpan timeout, CallContext context);

    /// <inheritdoc/>
    protected sealed override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        ArgumentNullException.ThrowIfNull(data);
        data.EnforceInterface(MonitoredServiceCodes.Descriptor);
        return code == MonitoredServiceCodes.StopRequested
            ? OnStopRequestedAsync(data.ReadDuration(), context)
            : throw new IpcException(IpcError.CodeOutOfRange, $"{MonitoredServiceCodes.Descriptor} has no request {code}.");
    }
}
