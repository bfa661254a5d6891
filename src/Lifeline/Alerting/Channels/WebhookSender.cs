using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Lifeline.Alerting;

/// <summary>Posts alerts as JSON. Redirects are not followed: the alert would go where nobody configured it to.</summary>
internal sealed class WebhookSender : IAlertSender
{
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    private readonly Func<AlertMessage, string> _body;
    private readonly HttpClient _client;
    private readonly Uri _target;
    private readonly AnswerText _answers;
    private readonly AuthenticationHeaderValue? _authentication;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    /// <param name="target">Where to.</param>
    /// <param name="body">The JSON of a message.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    public WebhookSender(Uri target, Func<AlertMessage, string> body, AlertOptions options, TimeProvider time)
    {
        _body = body;
        _target = new UriBuilder(target) { UserName = "", Password = "" }.Uri;
        _answers = new AnswerText(target);
        _authentication = target.UserInfo.Length == 0
            ? null
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(target.UserInfo))));
        _timeout = options.WebhookTimeout;
        _time = time;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.WebhookTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Task<DeliveryAttempt> SendAsync(AlertMessage message, CancellationToken cancellation) =>
        PostAsync(message.Id, _body(message), cancellation);

    /// <summary>Tries once to post a text.</summary>
    public async Task<DeliveryAttempt> PostAsync(long id, string payload, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(_timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        using var request = new HttpRequestMessage(HttpMethod.Post, _target)
        {
            Content = new StringContent(payload, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = _authentication;
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lifeline", null));

        // An alert may arrive twice; its number tells.
        request.Headers.Add("Idempotency-Key", id.ToString(CultureInfo.InvariantCulture));
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token).ConfigureAwait(false);
            var answer = await _answers.ReadAsync(response, both.Token).ConfigureAwait(false);
            var said = $"{Shown(_target)} answered {(int)response.StatusCode}{(answer.Length == 0 ? "" : ": " + answer)}";
            return response.IsSuccessStatusCode ? DeliveryAttempt.Done(said) : Judge(response, said);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return DeliveryAttempt.Retry($"{Shown(_target)} did not answer within {_timeout.TotalSeconds:0.###} s");
        }
        catch (HttpRequestException e)
        {
            return DeliveryAttempt.Retry($"{Shown(_target)}: {e.HttpRequestError}{Cause(e)}");
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Scheme, host and port: what comes after may be a secret.</summary>
    public static string Shown(Uri target) => target.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private DeliveryAttempt Judge(HttpResponseMessage response, string error)
    {
        var worthRetrying = (int)response.StatusCode >= 500 || response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests;
        return worthRetrying ? DeliveryAttempt.Retry(error, Patience(response)) : DeliveryAttempt.GiveUp(error);
    }

    private TimeSpan? Patience(HttpResponseMessage response)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return asked is { } span && span > TimeSpan.Zero ? (span < LongestRetryAfter ? span : LongestRetryAfter) : null;
    }

    private static string Cause(HttpRequestException e) =>
        e.InnerException is System.Net.Sockets.SocketException socket ? $" ({socket.SocketErrorCode})" : "";
}
