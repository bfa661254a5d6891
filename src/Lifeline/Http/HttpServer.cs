using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lifeline.Configuration;
using Lifeline.Dashboard;
using Lifeline.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
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
    private readonly HttpSettings _settings;
    private readonly ConnectionGuard _guard = new();
    private readonly EventFeed _events;
    private readonly (int Number, IPEndPoint At) _tcp;
    private readonly int _unix;
    private readonly Meter _meter = new("Lifeline.Monitor");
    private readonly MonitorMetrics _metrics;
    private readonly (X509Certificate2 Certificate, X509Certificate2Collection Chain)? _certificate;
    private WebApplication? _app;

    private HttpServer(HttpSources sources, HttpSettings settings, MonitorMetrics metrics)
    {
        (_sources, _settings, _metrics) = (sources, settings, metrics);
        // All that may fail comes before anything is changed.
        _certificate = settings.Certificate is { } certificate ? Load(certificate, settings.Key) : null;
        var sockets = new HttpSockets(sources.Keeper, sources.Places);
        var tcp = _tcp = sockets.OpenTcp(settings);
        _unix = sockets.OpenUnix();
        Url = UrlOf(settings, tcp.At);
        _events = new EventFeed(sources.Journal, sources.Time);
    }

    /// <summary>Where people find it.</summary>
    public string Url { get; }

    /// <summary>The port at which it listens.</summary>
    public int Port => _tcp.At.Port;

    /// <summary>Opens the sockets: from here on connections wait in them.</summary>
    /// <exception cref="HttpStartException">The configured address or certificate cannot be had.</exception>
    public static HttpServer Open(HttpSources sources, HttpSettings settings, MonitorMetrics metrics)
    {
        var server = new HttpServer(sources, settings, metrics);
        WriteUrl(sources.Places.HttpUrlFile, server.Url);
        return server;
    }

    /// <summary>Begins to answer. Off the start's path: services come first.</summary>
    public async Task StartAsync()
    {
        var token = AccessToken.Open(_sources.Places.TokenFile, _sources.Time);
        var gate = new AccessGate(
            token, new HostCheck(_tcp.At.Address, _settings.Hosts), IPAddress.IsLoopback(_tcp.At.Address), () => _sources.Reloader.Current.Monitor.AllowUsers);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        if (_settings.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopPatience);
        builder.Logging.AddProvider(new ServerLog(_sources.Log));
        OpenApiCall.AddTo(builder.Services);
        var app = builder.Build();
        Use(app, gate);
        Map(app, gate, token);
        _app = app;
        await app.StartAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _events.Dispose();
        _meter.Dispose();
        if (_app is { } app)
        {
            await app.StopAsync().ConfigureAwait(false);
            await app.DisposeAsync().ConfigureAwait(false);
        }

        // Kestrel closes only sockets that it opened itself.
        Descriptor.Adopt(_tcp.Number).Dispose();
        Descriptor.Adopt(_unix).Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        var limits = kestrel.Limits;
        limits.MaxRequestBodySize = HttpLimits.MaxBodyBytes;
        limits.MaxRequestHeadersTotalSize = HttpLimits.MaxHeaderBytes;
        limits.KeepAliveTimeout = HttpLimits.IdleConnection;
        limits.RequestHeadersTimeout = HttpLimits.RequestHeaders;
        kestrel.ListenHandle((ulong)_tcp.Number, listen =>
        {
            listen.Use(next => _guard.Guard(next, isUnix: false));
            listen.Protocols = _settings.Certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
            if (_certificate is { } certificate)
                listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = certificate);
        });
        kestrel.ListenHandle((ulong)_unix, listen =>
        {
            listen.Use(next => _guard.Guard(next, isUnix: true));
            listen.Protocols = HttpProtocols.Http1;
        });
    }

    private void Use(WebApplication app, AccessGate gate) => app.Use(async (context, next) =>
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
            var answer = gate.Check(context, need) ?? await RequestBody.TakeAsync(context, _sources.Time).ConfigureAwait(false);
            if (answer is null)
            {
                await next(context).ConfigureAwait(false);
                answer = context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null } ? Missing(context) : null;
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

    private static Problem Missing(HttpContext context) => context.Response.StatusCode switch
    {
        404 => Problem.Of(404, "not found", "There is nothing at this address; /openapi/v1.json lists what there is."),
        405 => Problem.Of(405, "wrong method", $"{context.Request.Method} is not what this address takes."),
        var status => Problem.Of(status, "wrong request", "A parameter has a value that is not understood; /openapi/v1.json says what is taken."),
    };

    private Problem ProblemOf(Exception e)
    {
        switch (e)
        {
            case Microsoft.AspNetCore.Http.BadHttpRequestException wrong:
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

    private void Map(WebApplication app, AccessGate gate, AccessToken token)
    {
        var usage = _metrics.Usage;
        var rows = new ServiceRows(_sources.Supervisor, usage);
        var services = new ServiceFeed(rows, usage, _sources.Time);
        var seats = new StreamSeats(_sources.Time, _sources.Log.Write);
        new ServiceCalls(_sources, rows, services, usage, _events, seats).Map(app);
        new EventCalls(_sources, _events, seats).Map(app);
        new LogCalls(_sources, seats).Map(app);
        new DetailCalls(_sources).Map(app);
        new AlertCalls(_sources).Map(app);
        new MonitorCalls(_sources, gate, token, new DashboardLinks(_sources.Time), Url).Map(app);
        HttpMeter.AddTo(_meter, _guard, seats, _events, services);
        new MetricsCall(_metrics).Map(app);
        OpenApiCall.Map(app);
        new DashboardFiles().Map(app);
    }

    private static (X509Certificate2 Certificate, X509Certificate2Collection Chain) Load(string certificate, string? key)
    {
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificate);
            return (X509Certificate2.CreateFromPemFile(certificate, key ?? certificate), chain);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new HttpStartException($"the certificate {certificate} of [monitor] cannot be used: {e.Message}", e);
        }
    }

    private static string UrlOf(HttpSettings options, IPEndPoint at)
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
