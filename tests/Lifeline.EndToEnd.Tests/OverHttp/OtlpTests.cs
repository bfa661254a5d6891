using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>Metrics that are sent, to a real receiver and to one that looks at the bytes.</summary>
public sealed partial class OtlpTests
{
    private const string Services = """

        [services.dying]
        command = ["sleep", "0.1"]
        max_restarts = 1
        failed_retry = "never"

        [services.calm]
        command = "echo hello; exec sleep 1000"
        """;

    [Fact]
    public async Task A_real_receiver_has_the_values_of_metrics_under_the_same_names()
    {
        var port = ServerProcess.FreePort();
        using var receiver = await MetricsReceiver.StartAsync(port);
        await using var daemon = await new Daemon(Monitor("127.0.0.1:0", MetricsReceiver.AddressAt(port))).UpAsync();
        await daemon.EventAsync("service.failed", "dying");
        using var web = Web.Of(daemon);

        IReadOnlyList<Sample> there = [];
        await Eventually.TrueAsync(
            async () => (there = await receiver.QueryAsync("{service_name=\"lifeline\"}")).Any(s => s.Name == "lifeline_service_state" && s.Labels.GetValueOrDefault("state") == "failed")
                && there.Any(s => s.Name == "lifeline_otlp_exports_total") && there.Any(s => s.Name == "lifeline_service_memory_bytes"),
            () => $"{string.Join('\n', there)}\n{string.Join('\n', receiver.Said)}\n{daemon.Describe()}");

        // Another export may have counted itself since.
        var text = await web.TextAsync("/metrics");
        var names = TypeLine().Matches(text).Select(m => m.Groups[2].Value == "histogram" ? m.Groups[1].Value + "_count" : m.Groups[1].Value).ToHashSet();
        Assert.DoesNotContain(names.Except(there.Select(s => s.Name)), name => !name.StartsWith("lifeline_monitor_loop", StringComparison.Ordinal));
        Assert.Empty(there.Select(s => s.Name).Where(name => !name.EndsWith("_bucket", StringComparison.Ordinal) && !name.EndsWith("_sum", StringComparison.Ordinal)).Except(names));
        foreach (var sure in new[] { "lifeline_service_deaths_total", "lifeline_service_restarts_total", "lifeline_service_log_kept_bytes_total", "lifeline_service_generation" })
            foreach (var sample in there.Where(s => s.Name == sure))
                Assert.Contains($"{sure}{{service=\"{sample.Labels["service"]}\"{(sample.Labels.TryGetValue("reason", out var reason) ? $",reason=\"{reason}\"" : "")}}} {sample.Value}\n", text, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Single(there, s => s.Name == "lifeline_service_deaths_total").Value);
        Assert.Equal(2, Assert.Single(there, s => s.Name == "lifeline_service_reclaim_duration_seconds_count").Value);
        Assert.Equal(2, there.Where(s => s.Name == "lifeline_service_reclaim_duration_seconds_bucket").Max(s => s.Value));
        Assert.All(there, s => Assert.EndsWith($":{daemon.RunFolder}", s.Labels["service_instance_id"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_http_it_is_sent_too_and_trouble_is_said_once_and_so_is_its_end_and_the_stop_is_the_last_value()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = await new Daemon(Monitor("off", MetricsReceiver.AddressAt(port))).UpAsync();
        await daemon.EventAsync("service.failed", "dying");
        await Eventually.TrueAsync(() => Log(daemon).Contains($"metrics cannot be sent to http://127.0.0.1:{port} (otlp of [monitor]): ConnectionError (ConnectionRefused)", StringComparison.Ordinal), "it says that nobody is there");

        using var receiver = await MetricsReceiver.StartAsync(port);
        IReadOnlyList<Sample> there = [];
        await Eventually.TrueAsync(
            async () => (there = await receiver.QueryAsync("lifeline_service_state{service=\"calm\"}")).Any(s => s.Labels["state"] == "running"),
            () => $"{string.Join('\n', there)}\n{daemon.Describe()}");
        await Eventually.TrueAsync(() => Log(daemon).Contains($"metrics are sent to http://127.0.0.1:{port} again", StringComparison.Ordinal), "it says that all is well");
        Assert.Single(Log(daemon).Split('\n'), line => line.Contains("metrics cannot be sent", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Combine(daemon.RunFolder, "http")));

        (await daemon.RunAsync("down")).MustSucceed();

        Assert.DoesNotContain("the last metrics were not taken", Log(daemon), StringComparison.Ordinal);
        var stopped = await receiver.QueryAsync("lifeline_service_deaths_total{service=\"calm\",reason=\"stopped\"}");
        Assert.True(stopped.Count == 1, $"{string.Join('\n', await receiver.QueryAsync("{service=\"calm\"}"))}\n{Log(daemon)}");
        // What it was before is no more.
        Assert.Equal("stopped", Assert.Single(await receiver.QueryAsync("lifeline_service_state{service=\"calm\"}")).Labels["state"]);
    }

    [Fact]
    public async Task A_reload_sends_elsewhere_and_then_nowhere()
    {
        using var one = new HttpReceiver();
        using var two = new HttpReceiver();
        await using var daemon = await new Daemon(Monitor("off", one.Url)).UpAsync();
        await Eventually.TrueAsync(() => one.Raw.Count > 1, "the first one is told again and again");

        await ReloadAsync(daemon, two.Url);
        var sent = one.Raw.Count;
        await Eventually.TrueAsync(() => two.Raw.Count > 1, "the second one is told");
        // One may have been on its way.
        Assert.InRange(one.Raw.Count, sent, sent + 1);

        await ReloadAsync(daemon, null);
        using var three = new HttpReceiver();
        sent = two.Raw.Count;
        await ReloadAsync(daemon, three.Url);
        await Eventually.TrueAsync(() => three.Raw.Count > 1, "the third one is told");
        Assert.InRange(two.Raw.Count, sent, sent + 1);
    }

    [Fact]
    public async Task The_definition_of_the_protocol_explains_every_byte()
    {
        using var receiver = new HttpReceiver();
        await using var daemon = await new Daemon(Monitor("127.0.0.1:0", receiver.Url)).UpAsync();
        await daemon.EventAsync("service.failed", "dying");
        var before = receiver.Raw.Count;
        await Eventually.TrueAsync(() => receiver.Raw.Count > before + 1, "it is told of that");
        var file = Path.Combine(daemon.Folder, "request");
        await File.WriteAllBytesAsync(file, receiver.Raw.Last());

        var decoded = await Shell.RunAsync("sh", ["-c", $"""
            protoc -I{MetricsReceiver.Folders}/usr/include --decode=opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest \
              {MetricsReceiver.Folders}/usr/include/opentelemetry/proto/collector/metrics/v1/metrics_service.proto < {file}
            """]);

        var text = decoded.MustSucceed().Output;
        Assert.DoesNotMatch(@"(?m)^\s*[0-9]+(:| \{)", text);
        Assert.Matches(@"key: ""service.name""\s+value \{\s+string_value: ""lifeline""", text);
        Assert.Matches(@"name: ""lifeline.service.deaths""\s+description: ""[^""]+""\s+unit: ""[^""]+""\s+sum \{\s+data_points \{\s+start_time_unix_nano: [0-9]+\s+time_unix_nano: [0-9]+\s+as_int: 2", text);
        Assert.Matches(@"name: ""lifeline.service.reclaim.duration""\s+description: ""[^""]+""\s+unit: ""s""\s+histogram \{\s+data_points \{\s+start_time_unix_nano: [0-9]+\s+time_unix_nano: [0-9]+\s+count: 2\s+sum: [0-9.e-]+\s+bucket_counts: ", text);
        Assert.Contains("aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE", text, StringComparison.Ordinal);
        Assert.Contains("is_monotonic: true", text, StringComparison.Ordinal);
    }

    private static string Monitor(string http, string? otlp) =>
        $"[monitor]\nhttp = \"{http}\"\n{(otlp is null ? "" : $"otlp = \"{otlp}\"\n")}otlp_interval = \"1s\"\n{Services}";

    private static async Task ReloadAsync(Daemon daemon, string? otlp)
    {
        await File.WriteAllTextAsync(daemon.ConfigurationFile, Monitor("off", otlp));
        (await daemon.RunAsync("reload")).MustSucceed();
    }

    private static string Log(Daemon daemon) => Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "monitor.log"));

    [GeneratedRegex(@"# TYPE (\S+) (\S+)")]
    private static partial Regex TypeLine();
}
