using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Client;

/// <summary>A connection to a monitor, found by the path of its socket. Thread-safe.</summary>
public sealed class MonitorConnection : IAsyncDisposable
{
    private readonly IpcEndpoint? _endpoint;

    private MonitorConnection(IpcEndpoint? endpoint, IpcSession session, IpcProxy proxy)
    {
        _endpoint = endpoint;
        Session = session;
        Proxy = proxy;
        Admin = new MonitorAdminProxy(proxy);
        Monitor = new ServiceMonitorProxy(proxy);
    }

    /// <summary>The session.</summary>
    public IpcSession Session { get; }

    /// <summary>The monitor's stub; add a death recipient to it to hear of its end.</summary>
    public IpcProxy Proxy { get; }

    /// <summary>What an operator asks of the monitor.</summary>
    public MonitorAdminProxy Admin { get; }

    /// <summary>What a reporter tells the monitor.</summary>
    public ServiceMonitorProxy Monitor { get; }

    /// <summary>Connects with an endpoint of its own.</summary>
    /// <param name="socketPath">The path of the run folder's <c>ipc.sock</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Linux.LinuxException">Nobody listens there: ENOENT or ECONNREFUSED.</exception>
    /// <exception cref="IpcException">There is somebody, but no monitor, or none that takes part.</exception>
    public static async Task<MonitorConnection> ConnectAsync(string socketPath, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "lifeline", Workers = 2 });
        try
        {
            var session = await endpoint.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false);
            return new MonitorConnection(endpoint, session, await FindMonitorAsync(session, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception)
        {
            await endpoint.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Connects through an endpoint that belongs to the caller.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="socketPath">The path of the run folder's <c>ipc.sock</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="Linux.LinuxException">Nobody listens there: ENOENT or ECONNREFUSED.</exception>
    /// <exception cref="IpcException">There is somebody, but no monitor, or none that takes part.</exception>
    public static async Task<MonitorConnection> ConnectThroughAsync(IpcEndpoint endpoint, string socketPath, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var session = await endpoint.ConnectAsync(socketPath, cancellationToken).ConfigureAwait(false);
        try
        {
            return new MonitorConnection(null, session, await FindMonitorAsync(session, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception)
        {
            session.Close("The monitor was not found.");
            throw;
        }
    }

    /// <summary>Ends the session, and the endpoint if it is its own.</summary>
    public async ValueTask DisposeAsync()
    {
        Session.Close("The connection is closed.");
        Proxy.Dispose();
        if (_endpoint is not null)
            await _endpoint.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>The root is the monitor itself, or the registry that knows it by name.</summary>
    private static async ValueTask<IpcProxy> FindMonitorAsync(IpcSession session, CancellationToken cancellationToken)
    {
        var root = session.Root;
        if (await root.GetDescriptorAsync(cancellationToken).ConfigureAwait(false) == ServiceMonitorCodes.Descriptor)
            return root;
        throw new IpcException(IpcError.NotFound, "Who listens there is no monitor.");
    }
}
