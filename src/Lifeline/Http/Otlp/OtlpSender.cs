using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Lifeline.Configuration;

namespace Lifeline.Http;

/// <summary>
/// Posts requests of OTLP to one receiver, one at a time. Redirects are not followed: what is sent, and the headers with it, would go where
/// nobody configured it to.
/// </summary>
internal sealed class OtlpSender : IDisposable
{
    private readonly HttpClient _client;
    private readonly Uri _target;
    private readonly OtlpSettings _settings;
    private readonly AuthenticationHeaderValue? _authentication;
    private readonly TimeProvider _time;

    public OtlpSender(OtlpSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _target = TargetOf(settings.Endpoint);
        _authentication = settings.Endpoint.UserInfo.Length == 0
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(settings.Endpoint.UserInfo))));
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = OtlpLimits.Timeout,
            MaxConnectionsPerServer = 1,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Scheme, host and port: what comes after may be a secret.</summary>
    public string Shown => _target.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    /// <summary>Tries once.</summary>
    /// <exception cref="OperationCanceledException">Nobody wants it any more.</exception>
    public async Task<OtlpAnswer> PostAsync(byte[] body, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(OtlpLimits.Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        using var request = RequestOf(body);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? OtlpAnswer.Taken(await ReadAsync(response, both.Token).ConfigureAwait(false))
                : Judge(response);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return OtlpAnswer.Later($"it did not answer within {OtlpLimits.Timeout.TotalSeconds:0.###} s", null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            var cause = e.InnerException is SocketException socket ? $" ({socket.SocketErrorCode})" : "";
            return OtlpAnswer.Later((e is HttpRequestException http ? http.HttpRequestError.ToString() : e.Message) + cause, null);
        }
    }

    public void Dispose() => _client.Dispose();

    // A receiver that is named without a path is at OTLP's own.
    private static Uri TargetOf(Uri endpoint)
    {
        var target = new UriBuilder(endpoint) { UserName = "", Password = "" };
        if (target.Path is "" or "/")
            target.Path = "/v1/metrics";
        return target.Uri;
    }

    private HttpRequestMessage RequestOf(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        var request = new HttpRequestMessage(HttpMethod.Post, _target) { Content = content };
        request.Headers.Authorization = _authentication;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lifeline", null));
        foreach (var (name, value) in _settings.Headers)
        {
            // One that is configured wins over ours.
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private OtlpAnswer Judge(HttpResponseMessage response)
    {
        var text = $"it answered {(int)response.StatusCode}";
        return response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
            ? OtlpAnswer.Later(text, Patience(response))
            : OtlpAnswer.Never(text);
    }

    private TimeSpan? Patience(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return asked is { } span && span > TimeSpan.Zero ? (span < OtlpLimits.LongestRetryAfter ? span : OtlpLimits.LongestRetryAfter) : null;
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = new byte[OtlpLimits.MaxAnswerBytes];
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            return buffer[..length];
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // It took the values; what it says beyond that is of no importance.
            return [];
        }
    }
}
