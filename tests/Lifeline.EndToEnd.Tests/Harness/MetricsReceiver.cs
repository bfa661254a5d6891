using System.Globalization;
using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>VictoriaMetrics, a database of metrics that takes OTLP; ./test fetches it.</summary>
internal sealed class MetricsReceiver : ServerProcess
{
    private MetricsReceiver(int port) : base(
        Program, null, "-storageDataPath={folder}/data", $"-httpListenAddr=127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}", "-opentelemetry.usePrometheusNaming",
        "-search.latencyOffset=0s") =>
        Address = $"http://127.0.0.1:{port}";

    private static string Program
    {
        get
        {
            var fetched = Path.Combine(Folders, "usr/bin/victoria-metrics");
            Assert.True(File.Exists(fetched), $"{fetched} does not exist: ./test fetches it.");
            return fetched;
        }
    }

    private string Address { get; }

    /// <summary>What ./test unpacked of a later Debian.</summary>
    public static string Folders { get; } = Path.Combine(Places.Repository, "artifacts/peers/otlp");

    public static async Task<MetricsReceiver> StartAsync(int port)
    {
        var receiver = new MetricsReceiver(port);
        await receiver.ListeningAsync(port);
        return receiver;
    }

    public static string AddressAt(int port) => $"http://127.0.0.1:{port}/opentelemetry/v1/metrics";

    /// <summary>The series that answer a query of PromQL now.</summary>
    public async Task<IReadOnlyList<Sample>> QueryAsync(string query)
    {
        using var client = new HttpClient { BaseAddress = new Uri(Address) };
        // What was taken is found once it is flushed.
        await client.GetStringAsync("/internal/force_flush");
        // The time is cut to whole seconds, and what came since would not be seen.
        var time = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1).ToString(CultureInfo.InvariantCulture);
        var answer = JsonDocument.Parse(await client.GetStringAsync($"/api/v1/query?nocache=1&time={time}&query={Uri.EscapeDataString(query)}")).RootElement;
        return
        [
            .. answer.GetProperty("data").GetProperty("result").EnumerateArray().Select(series => new Sample(
                series.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
                double.Parse(series.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture))),
        ];
    }
}

/// <summary>A value as a database of metrics has it.</summary>
internal sealed record Sample(IReadOnlyDictionary<string, string> Labels, double Value)
{
    public string Name => Labels["__name__"];
}
