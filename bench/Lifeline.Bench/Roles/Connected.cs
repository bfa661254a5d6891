using Lifeline.Ipc;

namespace Lifeline.Bench.Roles;

/// <summary>An endpoint with one session to a path.</summary>
internal sealed class Connected : IDisposable
{
    internal Connected(string path, IpcEndpointOptions? options = null)
    {
        Endpoint = new IpcEndpoint(options ?? Patience.Options);
        Session = Endpoint.Connect(path);
        Root = Session.Root;
    }

    internal IpcEndpoint Endpoint { get; }

    internal IpcSession Session { get; }

    internal IpcProxy Root { get; }

    public void Dispose() => Endpoint.DisposeAsync().AsTask().Wait(TimeSpan.FromSeconds(5));
}
