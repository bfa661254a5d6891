using System.Text.Json;
using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>What Prometheus sees, checked by Prometheus' own programs.</summary>
public sealed partial class MetricsTests
{
    private const string Dying = """
        [monitor]
        http = "127.0.0.1:0"

        [services.dying]
        command = ["sleep", "0.3"]
        max_restarts = 100000
        backoff = { initial = "100ms", max = "100ms" }

        [services.calm]
        command = "echo hello; exec sleep 1000"
        """;

    [Fact]
    public async Task Promtool_has_nothing_to_complain_about()
    {
        await using var daemon = await new Daemon(Dying).UpAsync();
        using var web = Web.Of(daemon);
        var text = "";
        await Eventually.TrueAsync(
            async () => Several().IsMatch(text = await web.TextAsync("/metrics")) && text.Contains("loop_lateness_seconds_count", StringComparison.Ordinal), () => text);

        var file = Path.Combine(daemon.Folder, "metrics.txt");
        await File.WriteAllTextAsync(file, text);
        var check = await Shell.RunAsync("sh", ["-c", $"promtool check metrics < {file}"]);

        Assert.True(check.ExitCode == 0, check.Output + check.Errors);
        Assert.Contains("lifeline_service_state{service=\"calm\",state=\"running\"} 1\n", text, StringComparison.Ordinal);
        Assert.Matches("lifeline_service_restart_duration_seconds_count [1-9]", text);
        Assert.Matches("lifeline_service_detection_duration_seconds_count [2-9]", text);
        Assert.Matches("lifeline_service_reclaim_duration_seconds_count [2-9]", text);
        Assert.Matches("lifeline_journal_commit_duration_seconds_count [1-9]", text);
        Assert.Matches("lifeline_service_log_kept_bytes_total{service=\"calm\"} 6\n", text);
        Assert.Matches("lifeline_monitor_loop_lateness_seconds_count [1-9]", text);
    }

    [Fact]
    public async Task A_real_prometheus_scrapes_it_and_its_alert_fires()
    {
        await using var daemon = await new Daemon(Dying.Replace("max_restarts = 100000", "max_restarts = 1", StringComparison.Ordinal)).UpAsync();
        using var prometheus = new Prometheus(daemon, $"{Places.Repository}/ops/prometheus-alerts.yml");

        await Eventually.TrueAsync(
            async () => (await prometheus.AskAsync("/api/v1/alerts"))?.GetProperty("alerts").EnumerateArray().Any(alert =>
                alert.GetProperty("labels").GetProperty("alertname").GetString() == "LifelineServiceFailed"
                && alert.GetProperty("labels").GetProperty("service").GetString() == "dying"
                && alert.GetProperty("state").GetString() == "firing") == true,
            () => $"LifelineServiceFailed never fired.\n{prometheus.Output}\n{daemon.Describe()}");
    }

    [Fact]
    public async Task The_alert_rules_and_the_grafana_dashboard_are_well_formed_and_name_metrics_that_exist()
    {
        await using var daemon = await new Daemon(Dying).UpAsync();
        using var web = Web.Of(daemon);
        var there = "";
        await Eventually.TrueAsync(
            async () => Several().IsMatch(there = await web.TextAsync("/metrics")) && there.Contains("loop_lateness_seconds_count", StringComparison.Ordinal), () => there);
        var rules = Path.Combine(Places.Repository, "ops/prometheus-alerts.yml");
        var dashboard = await File.ReadAllTextAsync(Path.Combine(Places.Repository, "ops/grafana-dashboard.json"));

        (await Shell.RunAsync("promtool", ["check", "rules", rules])).MustSucceed();
        Assert.Equal("lifeline", JsonDocument.Parse(dashboard).RootElement.GetProperty("uid").GetString());
        foreach (var name in MetricName().Matches(dashboard + await File.ReadAllTextAsync(rules)).Select(m => m.Value).Distinct())
        {
            // Those of alert channels are there once one is configured.
            if (name != "lifeline_alert_pending" && !name.StartsWith("lifeline_service_ipc", StringComparison.Ordinal))
                Assert.Contains($"\n{name}", there, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_page_about_metrics_names_those_that_exist_and_no_others()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Places.Repository, "docs/guide/metrics.md"));
        var all = Dying.Replace("[services.dying]", "otlp = \"http://127.0.0.1:1\"\n[alerts.ops]\ncommand = \"cat\"\n[services.dying]", StringComparison.Ordinal);
        await using var daemon = await new Daemon(all).UpAsync();
        using var web = Web.Of(daemon);
        var text = "";
        await Eventually.TrueAsync(
            async () => Several().IsMatch(text = await web.TextAsync("/metrics")) && text.Contains("loop_lateness_seconds_count", StringComparison.Ordinal)
                && text.Contains("lifeline_service_cpu_seconds_total", StringComparison.Ordinal),
            () => text);
        var there = TypeLine().Matches(text).Select(m => m.Groups[1].Value).ToList();

        var told = TableRow().Matches(page).Select(m => (Name: m.Groups[1].Value, Unit: m.Groups[2].Value, Meaning: m.Groups[4].Value)).ToList();
        Assert.Equal(told.Count, told.Select(row => row.Name).Distinct().Count());
        // What is there after something happened that need not happen here.
        Assert.Equal(
            there.Order(StringComparer.Ordinal),
            told.Select(row => row.Name).Where(name => there.Contains(name) || !IsThereLater(name)).Order(StringComparer.Ordinal));
        foreach (var (name, unit, meaning) in told)
        {
            Assert.Equal(name.Contains("_seconds", StringComparison.Ordinal), unit == "seconds");
            Assert.Equal(name.Split('_').Contains("bytes"), unit == "bytes");
            Assert.True(unit.Length > 0 && meaning.Length > 0, name);
        }
    }

    private static bool IsThereLater(string name) => name.StartsWith("lifeline_service_ipc", StringComparison.Ordinal) || name == "lifeline_ipc_limits_reached_total";

    [GeneratedRegex("lifeline_service_deaths_total\\{service=\"dying\",reason=\"exited\"\\} ([2-9]|[1-9][0-9])")]
    private static partial Regex Several();

    [GeneratedRegex(@"\blifeline_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"# TYPE (\S+)")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^\| `(lifeline_[a-z_]+)` \| ([^|]*?) ?\| ([^|]*?) ?\| ([^|]*?) \|$", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
