using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>A program that talks to a daemon over HTTP.</summary>
internal sealed class Web : IDisposable
{
    private readonly HttpClient _client;

    private Web(HttpClient client) => _client = client;

    /// <summary>Without a token, as any program of this machine.</summary>
    public static Web Of(Daemon daemon) => new(new HttpClient { BaseAddress = new Uri(UrlOf(daemon)), Timeout = TimeSpan.FromSeconds(60) });

    /// <summary>With the token of the run folder.</summary>
    public static Web WithToken(Daemon daemon, string? token = null)
    {
        var web = Of(daemon);
        web._client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", token ?? File.ReadAllText(Path.Combine(daemon.RunFolder, "token")).Trim());
        return web;
    }

    /// <summary>Over the Unix socket.</summary>
    public static Web OverUnix(Daemon daemon) => new(new HttpClient(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(daemon.RunFolder, "http.sock")), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    }) { BaseAddress = new Uri("http://lifeline") });

    public static string UrlOf(Daemon daemon) => File.ReadAllText(Path.Combine(daemon.RunFolder, "http")).Trim();

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await _client.GetAsync(path);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"GET {path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public Task<string> TextAsync(string path) => _client.GetStringAsync(path);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(method, path, headers);
        return response.StatusCode;
    }

    /// <summary>Reads a stream of server-sent events until it ends or nobody wants more.</summary>
    public async IAsyncEnumerable<SentEvent> StreamAsync(string path, string? lastEventId, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (lastEventId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
        using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        string? id = null;
        var (kind, data) = ("message", "");
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                id = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
                kind = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                data += line[6..];
            if (line.Length > 0 || data.Length == 0)
                continue;
            yield return new SentEvent(kind, id, JsonDocument.Parse(data).RootElement);
            (kind, data) = ("message", "");
        }
    }

    public void Dispose() => _client.Dispose();
}

/// <summary>One server-sent event.</summary>
internal sealed record SentEvent(string Kind, string? Id, JsonElement Data);
