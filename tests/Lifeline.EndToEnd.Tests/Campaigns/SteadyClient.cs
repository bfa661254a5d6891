using System.Net.Sockets;

namespace Lifeline.EndToEnd.Tests.Campaigns;

/// <summary>Connects to listening services all the time; a connection that is refused is an error.</summary>
internal sealed class SteadyClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task[] _loops;
    private int _answers;

    public SteadyClient(IEnumerable<string> sockets) => _loops = [.. sockets.Select(LoopAsync)];

    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Throws what went wrong.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        _stop.Dispose();
    }

    private async Task LoopAsync(string path)
    {
        var buffer = new byte[64];
        while (!_stop.IsCancellationRequested)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
            if (await socket.ReceiveAsync(buffer) > 0)
                Interlocked.Increment(ref _answers);
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
