using System.Threading.Channels;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>A listening endpoint to which guests (<see cref="OtherProgram"/>) give their stubs.</summary>
internal sealed class GuestBook : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Channel<(IpcProxy Stub, CallerIdentity Caller)> _guests = Channel.CreateUnbounded<(IpcProxy, CallerIdentity)>();

    internal GuestBook(Action<IpcEndpointOptions>? change = null)
    {
        // Guests of other users must reach the socket.
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        var options = new IpcEndpointOptions { Name = "book" };
        change?.Invoke(options);
        Endpoint = new IpcEndpoint(options);
        Endpoint.Listen(Path, Stubs.Of((_, data, _, context) => _guests.Writer.TryWrite((data.ReadProxy()!, context.Caller))));
    }

    internal IpcEndpoint Endpoint { get; }

    internal string Path => _folder.File("book");

    internal async Task<(IpcProxy Stub, CallerIdentity Caller)> NextAsync() => await _guests.Reader.ReadAsync().Soon();

    public async ValueTask DisposeAsync()
    {
        await Endpoint.DisposeAsync();
        _folder.Dispose();
    }
}
