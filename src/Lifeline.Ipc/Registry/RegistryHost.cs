namespace Lifeline.Ipc;

/// <summary>A registry that listens at a path, without a monitor.</summary>
public sealed class RegistryHost : IAsyncDisposable
{
    /// <summary>Begins to listen.</summary>
    /// <param name="path">The path of the socket; everyone who can reach it may register and look up.</param>
    /// <param name="options">Limits of the sessions; null for the defaults.</param>
    /// <param name="registryOptions">Limits of the registry; null for the defaults.</param>
    /// <exception cref="Lifeline.Linux.LinuxException">The path cannot be bound.</exception>
    public RegistryHost(string path, IpcEndpointOptions? options = null, RegistryOptions? registryOptions = null)
    {
        Endpoint = new IpcEndpoint(options);
        Registry = new IpcRegistry(registryOptions);
        try
        {
            Endpoint.Listen(path, Registry);
        }
        catch
        {
            _ = Endpoint.DisposeAsync().AsTask();
            throw;
        }
    }

    /// <summary>The registry; stubs of this process are added to it directly.</summary>
    public IpcRegistry Registry { get; }

    /// <summary>The endpoint that listens.</summary>
    public IpcEndpoint Endpoint { get; }

    /// <summary>Closes all sessions. The socket file stays; the next one who listens there replaces it.</summary>
    /// <returns>A task that completes when all is done.</returns>
    public ValueTask DisposeAsync() => Endpoint.DisposeAsync();
}
