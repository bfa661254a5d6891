using System.Threading.Channels;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>A listening endpoint to which guests (<see cref="OtherProgram"/>) give their stubs.</summary>
internal sealed class GuestBook : IAsyncDisposable
{
    private readonly Channel<(IpcProxy Stub, CallerIdentity Caller)> _guests = Channel.CreateUnbounded<(IpcProxy, CallerIdentity)>();

    internal GuestBook(Action<IpcEndpointOptions>? change = null)
    {
        var options = new IpcEndpointOptions { Name = "book" };
        change?.Invoke(options);
        Endpoint = new IpcEndpoint(options);
        Endpoint.Listen(Path, Stubs.Of((_, data, _, context) => _guests.Writer.TryWrite((data.ReadProxy()!, context.Caller))));
    }

    internal IpcEndpoint Endpoint { get; }

    /// <summary>Abstract, so that guests of other users reach it.</summary>
    internal string Path { get; } = $"@lifeline-tests-{Guid.NewGuid():N}";

    internal async Task<(IpcProxy Stub, CallerIdentity Caller)> NextAsync() => await _guests.Reader.ReadAsync().Soon();

    public ValueTask DisposeAsync() => Endpoint.DisposeAsync();
}
