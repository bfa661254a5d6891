using System.Net;
using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>A real Prometheus that scrapes a Lifeline every second.</summary>
internal sealed class Prometheus : IDisposable
{
    private readonly Background _process;
    private readonly HttpClient _client;

    /// <param name="daemon">What it scrapes.</param>
    /// <param name="rules">A file of alert rules; null: none.</param>
    public Prometheus(Daemon daemon, string? rules = null)
    {
        var address = $"127.0.0.1:{ServerProcess.FreePort()}";
        File.WriteAllText(Path.Combine(daemon.Folder, "prometheus.yml"), $$"""
            global: { scrape_interval: 1s, evaluation_interval: 1s }
            rule_files: [{{rules}}]
            scrape_configs:
              - job_name: lifeline
                static_configs: [{ targets: ["{{new Uri(Web.UrlOf(daemon)).Authority}}"] }]
            """);
        _process = Background.Start("prometheus", $"--config.file={daemon.Folder}/prometheus.yml", $"--storage.tsdb.path={daemon.Folder}/tsdb", $"--web.listen-address={address}");
        _client = new HttpClient { BaseAddress = new Uri($"http://{address}") };
    }

    /// <summary>What it wrote.</summary>
    public string Output => _process.Output;

    /// <summary>What it answers; null while it is not up.</summary>
    public async Task<JsonElement?> AskAsync(string path)
    {
        try
        {
            return JsonDocument.Parse(await _client.GetStringAsync(path)).RootElement.GetProperty("data");
        }
        catch (HttpRequestException e) when (e.StatusCode is null or HttpStatusCode.ServiceUnavailable)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _process.Dispose();
    }
}
