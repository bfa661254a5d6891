using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>An endpoint that serves a stub at a path.</summary>
internal sealed class Served : IDisposable
{
    internal Served(string path, IpcStub root, IpcEndpointOptions? options = null)
    {
        Endpoint = new IpcEndpoint(options ?? Patience.Options);
        Endpoint.Listen(path, root);
    }

    internal IpcEndpoint Endpoint { get; }

    public void Dispose() => Endpoint.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
}
