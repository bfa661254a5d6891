using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Client;

/// <summary>A session with a monitor, whether its socket offers the monitor itself or the registry that knows it by name.</summary>
internal sealed class MonitorConnection : IDisposable
{
    private readonly IpcSession _session;

    private MonitorConnection(IpcSession session, IpcProxy proxy)
    {
        _session = session;
        Proxy = proxy;
        Monitor = new ServiceMonitorProxy(proxy);
    }

    /// <summary>The monitor's stub; a death recipient on it hears of its end.</summary>
    public IpcProxy Proxy { get; }

    public ServiceMonitorProxy Monitor { get; }

    public static async Task<MonitorConnection> ConnectAsync(IpcEndpoint endpoint, string socketPath, CancellationToken cancellationToken)
    {
        var session = await endpoint.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false);
        try
        {
            return new MonitorConnection(session, await FindMonitorAsync(session, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            session.Close("The monitor was not found.");
            throw;
        }
    }

    public void Dispose()
    {
        _session.Close("The reporter is done with this monitor.");
        Proxy.Dispose();
    }

    private static async ValueTask<IpcProxy> FindMonitorAsync(IpcSession session, CancellationToken cancellationToken)
    {
        var root = session.Root;
        if (await root.GetDescriptorAsync(cancellationToken).ConfigureAwait(false) == ServiceMonitorCodes.Descriptor)
            return root;
        return await new RegistryClient(root).GetAsync(ServiceMonitorCodes.RegistryName, cancellationToken).ConfigureAwait(false);
    }
}
