using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>The dashboard file for Grafana, asked of a real Prometheus that scrapes a real Lifeline.</summary>
public sealed class GrafanaTests
{
    private const string Varied = """
        [monitor]
        http = "127.0.0.1:0"

        [services.dying]
        command = ["sleep", "0.3"]
        max_restarts = 100000
        backoff = { initial = "100ms", max = "100ms" }

        [services.broken]
        command = ["false"]
        max_restarts = 0
        failed_retry = "never"

        [services.telling]
        command = "while :; do echo line; {lifeline} report --health degraded --text $(date +%N); sleep 0.5; done"
        ready = "status"

        [alerts.ops]
        command = ["true"]
        """;

    // Shown only when something was lost: asked for without the threshold.
    private const string Threshold = " > 0";

    [Fact]
    public async Task Every_expression_of_the_dashboard_has_data_in_a_real_prometheus()
    {
        await using var daemon = new Daemon(Varied.Replace("{lifeline}", Places.Executable, StringComparison.Ordinal));
        // Not all of it comes up, on purpose.
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.EventAsync("service.status", "telling");
        using var prometheus = new Prometheus(daemon);
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Places.Repository, "ops/grafana-dashboard.json")));
        var expressions = Expressions(dashboard.RootElement).ToList();
        // Sessions are those of programs with the client library, which a shell script has only for a moment.
        expressions.RemoveAll(expression => expression.Contains("lifeline_service_ipc", StringComparison.Ordinal));
        Assert.NotEmpty(expressions);

        foreach (var expression in expressions)
        {
            JsonElement? last = null;
            await Eventually.TrueAsync(
                async () => HasData(last = await prometheus.AskAsync($"/api/v1/query?query={Uri.EscapeDataString(Filled(expression))}")),
                () => $"{expression} has no data: {last}\n{prometheus.Output}");
        }
    }

    [Fact]
    public async Task The_dashboard_file_has_what_grafana_reads()
    {
        using var file = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Places.Repository, "ops/grafana-dashboard.json")));
        var root = file.RootElement;

        Assert.True(root.GetProperty("schemaVersion").GetInt32() >= 36);
        var panels = root.GetProperty("panels").EnumerateArray().ToList();
        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        foreach (var panel in panels)
        {
            var at = panel.GetProperty("gridPos");
            Assert.InRange(at.GetProperty("x").GetInt32() + at.GetProperty("w").GetInt32(), 1, 24);
            Assert.True(at.GetProperty("h").GetInt32() > 0);
            Assert.False(string.IsNullOrEmpty(panel.GetProperty("title").GetString()));
            if (panel.GetProperty("type").GetString() == "row")
                continue;
            var targets = panel.GetProperty("targets").EnumerateArray().ToList();
            Assert.NotEmpty(targets);
            Assert.Equal(targets.Count, targets.Select(target => target.GetProperty("refId").GetString()).Distinct().Count());
        }

        // Panels do not lie on each other.
        var cells = panels.SelectMany(Cells).ToList();
        Assert.Equal(cells.Count, cells.Distinct().Count());
    }

    private static IEnumerable<(int, int)> Cells(JsonElement panel)
    {
        var at = panel.GetProperty("gridPos");
        return from x in Enumerable.Range(at.GetProperty("x").GetInt32(), at.GetProperty("w").GetInt32())
               from y in Enumerable.Range(at.GetProperty("y").GetInt32(), at.GetProperty("h").GetInt32())
               select (x, y);
    }

    // As Grafana fills its variables in.
    private static string Filled(string expression) => expression.Replace("$instance", ".*", StringComparison.Ordinal).Replace("$service", ".*", StringComparison.Ordinal)
        .Replace("$__rate_interval", "15s", StringComparison.Ordinal).Replace(Threshold, "", StringComparison.Ordinal);

    private static bool HasData(JsonElement? answer) =>
        answer?.GetProperty("result").EnumerateArray().Any(series => series.GetProperty("value")[1].GetString() != "NaN") == true;

    private static IEnumerable<string> Expressions(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property =>
            property is { Name: "expr", Value.ValueKind: JsonValueKind.String } ? [property.Value.GetString()!] : Expressions(property.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Expressions),
        _ => [],
    };
}
