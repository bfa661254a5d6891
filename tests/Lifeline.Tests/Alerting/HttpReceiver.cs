using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lifeline.Tests.Alerting;

/// <summary>A web server of a few lines: notes each request and answers what it is told to.</summary>
internal sealed class HttpReceiver : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, string> _answer;
    private readonly Task _loop;
    private readonly SemaphoreSlim _arrived = new(0);
    private int _count;

    /// <param name="answer">From the number of the request, counted from 1, to the status line and headers, and after an empty line the text; empty for no answer at all.</param>
    public HttpReceiver(Func<int, string> answer)
    {
        _answer = answer;
        _listener.Start();
        _loop = Task.Run(AcceptAsync);
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/hook/secret-path?token=secret-token");

    public ConcurrentQueue<(string Head, string Body)> Requests { get; } = new();

    public async Task WaitForRequestAsync() => Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(30)), "no request came");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _ = Task.Run(() => ServeAsync(client));
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            var (head, body) = await ReadAsync(stream);
            Requests.Enqueue((head, body));
            var answer = _answer(Interlocked.Increment(ref _count));
            _arrived.Release();
            if (answer.Length == 0)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            string[] parts = [.. answer.Split("\r\n\r\n", 2), ""];
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {parts[0]}\r\nContent-Length: {Encoding.UTF8.GetByteCount(parts[1])}\r\nConnection: close\r\n\r\n{parts[1]}"));
        }
    }

    private static async Task<(string Head, string Body)> ReadAsync(NetworkStream stream)
    {
        var bytes = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var text = Encoding.UTF8.GetString(bytes, 0, length);
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var head = text[..end];
                var size = head.Split("\r\n").Where(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(l => int.Parse(l[15..], null)).FirstOrDefault();
                if (length >= end + 4 + size)
                    return (head, text[(end + 4)..]);
            }

            var count = await stream.ReadAsync(bytes.AsMemory(length));
            if (count == 0)
                return (text, "");
            length += count;
        }
    }
}
