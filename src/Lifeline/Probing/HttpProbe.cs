using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;

namespace Lifeline.Probing;

/// <summary>
/// Good is an answer from 200 to 399 to a GET. Each probe is a new connection: one that was kept would tell nothing of the listener.
/// Redirects are not followed, no proxy is used, and certificates are not checked: it asks whether something lives, and tells it nothing.
/// </summary>
internal sealed class HttpProbe(Uri target) : IProbe
{
    private const int LeastGood = 200;
    private const int LeastBad = 400;

    private static readonly HttpClient Client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseHeadersLength = ProbeLimits.MaxHeaderKibibytes,
        SslOptions = new SslClientAuthenticationOptions
        {
#pragma warning disable CA5359 // As said above: nothing is told to whom it may be.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        },
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ProbeOutcome> AskAsync(CancellationToken timeout, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout, stop);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("lifeline", null));
        request.Headers.ConnectionClose = true;
        try
        {
            using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
            var code = (int)response.StatusCode;
            var answer = string.Create(CultureInfo.InvariantCulture, $"HTTP {code}");
            if (code is >= LeastGood and < LeastBad)
                return ProbeOutcome.Good(answer);
            var said = await ReadAsync(response, either.Token).ConfigureAwait(false);
            return ProbeOutcome.Bad(said.Length == 0 ? $"{answer} from {target}" : $"{answer} from {target}: {said}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ProbeOutcome.Bad($"{target}: {(e.InnerException ?? e).Message}");
        }
    }

    /// <summary>The first line of what it says why.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var body = new byte[ProbeLimits.MaxBody];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var length = await stream.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(body, 0, length).Split('\n', 2)[0].Trim();
    }
}
