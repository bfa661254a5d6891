using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>Whatever a command prints, it prints as JSON if it is asked to.</summary>
public class JsonTests
{
    // Each command is here or in Exempt: what is typed after its name.
    private static readonly Dictionary<string, string[]> Typed = new()
    {
        ["status"] = [], ["logs"] = [], ["events"] = [], ["alert list"] = [], ["alert test"] = ["file"], ["check"] = ["lifeline.toml"],
        ["reload"] = ["--dry-run"], ["doctor"] = [], ["dashboard"] = [],
    };

    private static readonly Dictionary<string, string> Exempt = new()
    {
        ["up"] = "prints messages only, to standard error", ["down"] = "as up", ["start"] = "as up", ["stop"] = "as up", ["restart"] = "as up", ["kill"] = "prints nothing", ["report"] = "prints nothing",
        ["alert ack"] = "prints nothing", ["alert unack"] = "prints nothing", ["alert silence"] = "prints nothing", ["alert unsilence"] = "prints nothing",
        ["upgrade"] = "prints messages only", ["top"] = "draws on a terminal", ["import"] = "prints TOML", ["completion"] = "prints a script", ["man"] = "prints a page",
    };

    [Fact]
    public async Task Every_command_that_prints_something_prints_JSON_if_asked()
    {
        await using var daemon = await new Daemon("""
            [services.web]
            command = ["sh", "-c", "echo a line; exec sleep 1000"]
            [alerts.file]
            command = ["cat"]
            """).UpAsync();
        Assert.Equal(Typed.Keys.Concat(Exempt.Keys).Order(StringComparer.Ordinal), await AllCommands.OfAsync(daemon));
        foreach (var (command, more) in Typed)
        {
            var result = (await daemon.RunAsync([.. command.Split(' '), .. more, "--json"])).MustSucceed();
            var documents = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(documents.Length > 0, $"{command} printed nothing");
            Assert.All(documents, document => Assert.True(JsonDocument.Parse(document).RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array, document));
            Assert.True(documents.Length == 1 || command is "logs" or "events", $"{command} printed {documents.Length} lines");
        }
    }

    [Fact]
    public async Task A_service_that_is_asked_for_by_name_tells_what_is_next_its_limits_and_its_sockets()
    {
        await using var daemon = await new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            [services.web]
            command = ["sleep", "1000"]
            heartbeat = "1h"
            limits = { nofile = 512, core = 0 }
            [services.web.listen.http]
            unix = "{folder}/web.sock"
            [services.broken]
            command = ["sleep", "1000"]
            max_restarts = 0
            failed_retry = "1h"
            """).UpAsync();
        Processes.Kill((await daemon.RunningAsync("broken")).Pid());
        await daemon.EventAsync("service.failed", "broken");

        var web = await daemon.ServiceAsync("web", service => service.State() == "running", "running");
        Assert.Equal("hung", web.GetProperty("due").GetProperty("what").GetString());
        Assert.Equal(512, web.GetProperty("limits").GetProperty("nofile").GetInt32());
        var socket = Assert.Single(web.GetProperty("listen").EnumerateArray());
        Assert.Equal(("http", "unix", true), (socket.GetProperty("name").GetString(), socket.GetProperty("kind").GetString(), socket.GetProperty("is_open").GetBoolean()));
        Assert.Matches(@"next +counts as hung without a sign of life within 59m \d+s \(heartbeat\)", (await daemon.RunAsync("status", "web")).MustSucceed().Output);

        using var api = Web.Of(daemon);
        var broken = await api.GetAsync("/api/v1/services/broken");
        Assert.Equal("retry", broken.GetProperty("due").GetProperty("what").GetString());
        Assert.Equal(JsonValueKind.Null, broken.GetProperty("limits").ValueKind);
        // Of all together nothing is told that changes by itself.
        Assert.All((await api.GetAsync("/api/v1/services")).EnumerateArray(), service => Assert.Equal(JsonValueKind.Null, service.GetProperty("due").ValueKind));
    }

    [Fact]
    public async Task The_status_of_one_service_tells_what_there_is()
    {
        await using var daemon = await new Daemon("""
            [services.db]
            command = ["sleep", "1000"]
            [services.web]
            command = ["sh", "-c", "sleep 1000 & exec sleep 1000"]
            depends_on = ["db"]
            group = "shop"
            """).UpAsync();
        Processes.Kill((await daemon.RunningAsync("web")).Pid());
        await daemon.RunningAsync("web", 2);
        var detail = (await daemon.RunAsync("status", "web")).MustSucceed().Output;
        Assert.Matches(@"last death +\d+s ago: killed by SIGKILL; seen after", detail);
        Assert.Matches(@"cleaned up +.*process \d+ killed", detail);
        Assert.Matches(@"needs +db\n +group +shop\n +log +\S+/logs/web\n", detail);
        Assert.DoesNotContain("last death", (await daemon.RunAsync("status")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acknowledgement_can_be_taken_back()
    {
        await using var daemon = new Daemon("""
            [services.web]
            command = ["sh", "-c", "exit 3"]
            max_restarts = 0
            failed_retry = "never"
            [alerts.file]
            command = ["cat"]
            on = ["failed"]
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.EventAsync("alert.raised", "web");
        (await daemon.RunAsync("alert", "unack", "web")).MustExit(4);
        (await daemon.RunAsync("alert", "ack", "web", "-m", "on it")).MustSucceed();
        Assert.Contains("takes care: on it", (await daemon.RunAsync("alert", "list")).Output, StringComparison.Ordinal);
        (await daemon.RunAsync("alert", "unack", "web")).MustSucceed();
        Assert.DoesNotContain("takes care", (await daemon.RunAsync("alert", "list")).Output, StringComparison.Ordinal);
        await daemon.EventAsync("alert.unacknowledged", "web");
    }
}
