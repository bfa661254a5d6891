namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Two endpoints of this process with one session between them.</summary>
internal sealed class IpcPair : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private IpcPair(IpcEndpoint client, IpcEndpoint server)
    {
        Client = client;
        Server = server;
    }

    internal IpcEndpoint Client { get; }

    internal IpcEndpoint Server { get; }

    internal IpcSession ClientSession { get; private set; } = null!;

    internal IpcSession ServerSession { get; private set; } = null!;

    /// <summary>The server's root, seen by the client.</summary>
    internal IpcProxy Root { get; private set; } = null!;

    internal static async Task<IpcPair> OpenAsync(
        TransportKind kind,
        IpcStub? root,
        Action<IpcEndpointOptions>? client = null,
        Action<IpcEndpointOptions>? server = null)
    {
        var pair = new IpcPair(new IpcEndpoint(Options(kind, "cli", client)), new IpcEndpoint(Options(kind, "srv", server)));
        if (kind == TransportKind.Memory)
        {
            (pair.ClientSession, pair.ServerSession) = IpcEndpoint.ConnectInMemory(pair.Client, pair.Server, root);
        }
        else
        {
            var opened = new Signal<IpcSession>();
            pair.Server.SessionOpened += s => opened.TrySetResult(s);
            string path = pair._folder.File("s");
            pair.Server.Listen(path, root);
            pair.ClientSession = await pair.Client.ConnectAsync(path).Soon();
            pair.ServerSession = await opened.Task.Soon();
            Assert.Equal(kind == TransportKind.Ring, pair.ClientSession.UsesRings && pair.ServerSession.UsesRings);
        }

        if (root is not null)
            pair.Root = pair.ClientSession.Root;
        return pair;
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private static IpcEndpointOptions Options(TransportKind kind, string name, Action<IpcEndpointOptions>? change)
    {
        var options = new IpcEndpointOptions { Name = name };
        if (kind != TransportKind.Ring)
            options.RingBytes = 0;
        change?.Invoke(options);
        return options;
    }
}
