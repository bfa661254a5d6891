using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Lifeline.Http;

/// <summary>
/// Dashboard and API over HTTP, on a TCP address and on a Unix socket. Everything that ASP.NET Core needs is behind this class: with
/// <c>http = "off"</c> none of it is touched.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(1);

    private readonly HttpSources _sources;
    private readonly WebApplication _app;
    private readonly EventFeed _events;
    private readonly ConnectionGuard _guard = new();

    private HttpServer(HttpSources sources, HttpOptions options, (int Number, IPEndPoint At) tcp, int unix)
    {
        _sources = sources;
        Url = UrlOf(options, tcp.At);
        var token = AccessToken.Open(sources.Places.TokenFile, sources.Time);
        var gate = new AccessGate(
            token, new HostCheck(tcp.At.Address, options.Hosts), IPAddress.IsLoopback(tcp.At.Address), () => sources.Reloader.Current.Monitor.AllowUsers);
        _events = new EventFeed(sources.Journal, sources.Time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options, tcp.Number, unix));
        if (options.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopPatience);
        builder.Logging.AddProvider(new ServerLog(sources.Log));
        OpenApiCall.AddTo(builder.Services);
        _app = builder.Build();
        Use(gate);
        Map(gate, token);
    }

    /// <summary>Where people find it.</summary>
    public string Url { get; }

    /// <summary>Opens the sockets: from here on connections wait in them.</summary>
    /// <exception cref="HttpStartException">The configured address cannot be had.</exception>
    public static HttpServer Open(HttpSources sources, HttpOptions options)
    {
        var sockets = new HttpSockets(sources.Keeper, sources.Places);
        var tcp = sockets.OpenTcp(options);
        var server = new HttpServer(sources, options, tcp, sockets.OpenUnix());
        WriteUrl(sources.Places.HttpUrlFile, server.Url);
        return server;
    }

    /// <summary>Begins to answer.</summary>
    public Task StartAsync() => _app.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private void Configure(KestrelServerOptions kestrel, HttpOptions options, int tcp, int unix)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = HttpLimits.MaxBodyBytes;
        limits.MaxRequestHeadersTotalSize = HttpLimits.MaxHeaderBytes;
        limits.KeepAliveTimeout = HttpLimits.IdleConnection;
        limits.RequestHeadersTimeout = HttpLimits.RequestHeaders;
        kestrel.ListenHandle((ulong)tcp, FileHandleType.Tcp, listen =>
        {
            listen.Use(next => _guard.Guard(next, isUnix: false));
            listen.Protocols = options.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (options.Certificate is { } certificate)
                listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = Load(certificate, options.Key));
        });
        kestrel.ListenHandle((ulong)unix, FileHandleType.Tcp, listen =>
        {
            listen.Use(next => _guard.Guard(next, isUnix: true));
            listen.Protocols = HttpProtocols.Http1;
        });
    }

    private void Use(AccessGate gate) => _app.Use(async (context, next) =>
    {
        var connection = context.Features.Get<GuardedConnection>();
        if (connection is not null)
            _guard.Begin(connection);
        try
        {
            await AnswerAsync(gate, context, next).ConfigureAwait(false);
        }
        finally
        {
            if (connection is not null)
                _guard.End(connection);
        }
    });

    private async Task AnswerAsync(AccessGate gate, HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        try
        {
            var need = context.GetEndpoint()?.Metadata.GetMetadata<NeedMetadata>()?.Need ?? AccessNeed.None;
            var answer = gate.Check(context, need);
            if (answer is null)
            {
                await next(context).ConfigureAwait(false);
                answer = context.Response is { HasStarted: false, StatusCode: 404 or 405, ContentType: null } ? Missing(context) : null;
            }

            if (answer is not null)
                await answer.ExecuteAsync(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller left.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            await ProblemOf(e).ExecuteAsync(context).ConfigureAwait(false);
        }
    }

    private static Problem Missing(HttpContext context) => context.Response.StatusCode == 405
        ? Problem.Of(405, "wrong method", $"{context.Request.Method} is not what this address takes.")
        : Problem.Of(404, "not found", "There is nothing at this address; /openapi/v1.json lists what there is.");

    private Problem ProblemOf(Exception e)
    {
        switch (e)
        {
            case BadHttpRequestException wrong:
                return Problem.Of(wrong.StatusCode, "wrong request", wrong.Message);
            case Ipc.IpcException refused:
                return Problem.Of(refused);
            case IOException failed:
                _sources.Log.Write($"a call of the HTTP API failed: {failed.Message}");
                return Problem.Of(500, "failed", "The monitor could not read what was asked for; its log says why.");
            default:
                _sources.Log.Write($"a call of the HTTP API failed: {e}");
                return Problem.Of(500, "failed", "The monitor could not answer; its log says why.");
        }
    }

    private void Map(AccessGate gate, AccessToken token)
    {
        var usage = new UsageTable(_sources.Supervisor, _sources.Groups, _sources.Time);
        var rows = new ServiceRows(_sources.Supervisor, usage);
        var seats = new StreamSeats(_sources.Time, _sources.Log.Write);
        new ServiceCalls(_sources, rows, new ServiceFeed(rows, usage, _sources.Time), usage, _events, seats).Map(_app);
        new EventCalls(_sources, _events, seats).Map(_app);
        new MonitorCalls(_sources, gate, token, new DashboardLinks(_sources.Time), Url).Map(_app);
        OpenApiCall.Map(_app);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(string certificate, string? key)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(certificate);
        return (X509Certificate2.CreateFromPemFile(certificate, key ?? certificate), chain);
    }

    private static string UrlOf(HttpOptions options, IPEndPoint at)
    {
        var scheme = options.Certificate is null ? "http" : "https";
        var isAny = at.Address.Equals(IPAddress.Any) || at.Address.Equals(IPAddress.IPv6Any);
        var host = isAny ? options.Hosts.FirstOrDefault() ?? Environment.MachineName
            : options.Certificate is not null && options.Hosts.Count > 0 ? options.Hosts[0]
            : at.Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{at.Address}]" : at.Address.ToString();
        return $"{scheme}://{host}:{at.Port}";
    }

    private static void WriteUrl(string path, string url)
    {
        var fresh = path + ".new";
        File.WriteAllText(fresh, url + "\n", new UTF8Encoding(false));
        File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        File.Move(fresh, path, overwrite: true);
    }

    /// <summary>The monitor's own life is the keeper's business; no signal handlers.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    /// <summary>Only what the server itself cannot do: what clients do wrong is answered, not logged.</summary>
    private sealed class ServerLog(ILogger log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Log(logLevel, eventId, state, exception, formatter);
        }

        public void Dispose()
        {
        }
    }
}
