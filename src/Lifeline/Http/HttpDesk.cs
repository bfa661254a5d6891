using Lifeline.Configuration;

namespace Lifeline.Http;

/// <summary>
/// The HTTP server as the configuration wants it: opened at the start, put in another's place by a reload, or none. What is counted is
/// counted across servers, and may be sent without any. One caller at a time.
/// </summary>
internal sealed class HttpDesk : IAsyncDisposable
{
    private readonly HttpSources _sources;
    private readonly Lazy<MonitorMetrics> _metrics;
    private HttpServer? _server;
    private HttpSettings? _settings;

    public HttpDesk(HttpSources sources)
    {
        _sources = sources;
        _metrics = new Lazy<MonitorMetrics>(() => new MonitorMetrics(sources));
        Otlp = new OtlpDesk(_metrics, sources.Info, sources.Time, sources.Log.Write);
    }

    /// <summary>Metrics sent instead of fetched, with or without a server.</summary>
    public OtlpDesk Otlp { get; }

    /// <summary>Where people find it; null: it is off.</summary>
    public string? Url => _server?.Url;

    /// <summary>Opens the sockets: from here on connections wait in them.</summary>
    /// <exception cref="HttpStartException">The configured address or certificate cannot be had.</exception>
    public void Open(HttpSettings? settings)
    {
        _settings = settings;
        if (settings is null)
            HttpSockets.Close(_sources.Keeper, _sources.Places);
        else
            _server = OpenServer(settings);
    }

    /// <summary>Begins to answer. Off the start's path: services come first.</summary>
    public async Task StartAsync()
    {
        try
        {
            if (_server is { } server)
                await server.StartAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Services are watched without it.
            _sources.Log.Write($"dashboard and API cannot be served: {e}");
        }
    }

    /// <summary>Serves at another place, or no more. The former server answers until the next one does, but where both cannot listen at once.</summary>
    /// <exception cref="HttpStartException">What is asked for cannot be had: nothing was changed.</exception>
    public async Task ReplaceAsync(HttpSettings? settings)
    {
        if (settings is null ? _settings is null : _settings is not null && settings.IsSameAs(_settings))
            return;
        var next = settings is null ? null : await OpenNextAsync(settings).ConfigureAwait(false);
        if (next is not null)
            await next.StartAsync().ConfigureAwait(false);
        var before = _server;
        (_server, _settings) = (next, settings);
        if (before is not null)
            await before.DisposeAsync().ConfigureAwait(false);
        if (next is null)
            HttpSockets.Close(_sources.Keeper, _sources.Places);
        _sources.Log.Write(next is null ? "dashboard and API are off now" : $"dashboard and API are at {next.Url} now");
    }

    public async ValueTask DisposeAsync()
    {
        Otlp.Dispose();
        if (_server is { } server)
            await server.DisposeAsync().ConfigureAwait(false);
        if (_metrics.IsValueCreated)
            _metrics.Value.Dispose();
    }

    private async Task<HttpServer> OpenNextAsync(HttpSettings settings)
    {
        try
        {
            return OpenServer(settings);
        }
        catch (HttpStartException e) when (e.IsBusy && _server?.Port == settings.Port)
        {
            // It may be ourselves who are in the way: 0.0.0.0 cannot be had while 127.0.0.1 is listened at, with the same port.
            return await OpenInPlaceAsync(settings, _server).ConfigureAwait(false);
        }
    }

    private async Task<HttpServer> OpenInPlaceAsync(HttpSettings settings, HttpServer before)
    {
        _server = null;
        await before.DisposeAsync().ConfigureAwait(false);
        HttpSockets.GiveUpTcp(_sources.Keeper);
        try
        {
            return OpenServer(settings);
        }
        catch (HttpStartException)
        {
            await ReturnAsync(_settings! with { Port = before.Port, IsDefault = false }).ConfigureAwait(false);
            throw;
        }
    }

    // To where it was before a change that could not be made.
    private async Task ReturnAsync(HttpSettings settings)
    {
        try
        {
            _server = OpenServer(settings);
            await _server.StartAsync().ConfigureAwait(false);
        }
        catch (HttpStartException e)
        {
            _sources.Log.Write($"dashboard and API are off now, until a reload names an address that can be had: {e.Message}");
            HttpSockets.Close(_sources.Keeper, _sources.Places);
            _settings = null;
        }
    }

    private HttpServer OpenServer(HttpSettings settings) => HttpServer.Open(_sources, settings, _metrics.Value);
}
