using System.Text.Json;
using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>docs/guide/json.md names every field that the commands print, with its type, and none that they do not.</summary>
public partial class JsonDescriptionTests
{
    // One service has died, one is being replaced, one waits, one failed; there is an alert, taken care of, and a silence.
    private const string Shop = """
        [services.db]
        command = ["sh", "-c", "sleep 1000 & exec sleep 1000"]
        group = "shop"
        reclaim = { paths = ["kept"] }
        heartbeat = "1h"
        limits = { nofile = 512, core = 0 }
        [services.db.listen.http]
        unix = "{folder}/db.sock"
        [services.web]
        command = ["sh", "-c", '[ "$LIFELINE_GENERATION" = 1 ] && "$LIFELINE_EXECUTABLE" report --text "queue 3" --field queue=3 --ready; echo a line; exec sleep 1000']
        inherit_env = ["PATH", "LIFELINE_EXECUTABLE"]
        depends_on = ["db"]
        update = "overlap"
        ready = "status"
        ready_timeout = "10m"
        reload_signal = "CONT"
        [services.till]
        command = ["sh", "-c", "exit 3"]
        max_restarts = 0
        failed_retry = "never"
        [services.later]
        command = ["/no/such/program"]
        autostart = false
        [alerts.file]
        command = ["cat"]
        on = ["failed"]
        """;

    private static readonly string[] Commands =
    [
        "status", "status db", "events --since 0", "logs", "alert list", "alert test file", "check lifeline.toml", "reload web", "reload --dry-run", "doctor", "dashboard",
    ];

    [Fact]
    public async Task Every_field_is_described_and_every_description_is_of_a_field()
    {
        await using var daemon = await ShopAsync();
        // The next generation never gets ready.
        (await daemon.RunAsync("restart", "web", "--no-wait")).MustSucceed();
        await daemon.ServiceAsync("web", service => service.GetProperty("replacing").ValueKind == JsonValueKind.Object, "being replaced");
        var described = Describe(await File.ReadAllTextAsync(Path.Combine(Places.Repository, "docs/guide/json.md")));
        Assert.Equal(Commands.Select(TitleOf).Distinct().Order(StringComparer.Ordinal), described.Keys.Order(StringComparer.Ordinal));
        var printed = described.Keys.ToDictionary(title => title, _ => new HashSet<string>());
        foreach (var command in Commands)
        {
            var output = (await daemon.RunAsync([.. command.Split(' '), "--json"])).MustSucceed().Output;
            foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                var document = JsonDocument.Parse(line).RootElement;
                foreach (var value in document.ValueKind == JsonValueKind.Array ? [.. document.EnumerateArray()] : new[] { document })
                {
                    Look(value, "", described[TitleOf(command)], printed[TitleOf(command)], command);
                    // Nothing is left out because it is null.
                    if (TitleOf(command) != "reload")
                        Assert.Equal(described[TitleOf(command)].Keys.Where(path => !path.Contains('.') && !path.Contains('[')).Order(StringComparer.Ordinal), value.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
                }
            }
        }

        foreach (var (title, fields) in described)
            Assert.Equal(fields.Keys.Order(StringComparer.Ordinal), printed[title].Order(StringComparer.Ordinal));
    }

    private static async Task<Daemon> ShopAsync()
    {
        var daemon = new Daemon(Shop);
        daemon.Environment["LIFELINE_EXECUTABLE"] = Places.Executable;
        // A folder is no file of a service: it is kept, and the reason told.
        Directory.CreateDirectory(Path.Combine(daemon.Folder, "kept"));
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.EventAsync("alert.delivered", "till");
        Processes.Kill((await daemon.RunningAsync("db")).Pid());
        await daemon.RunningAsync("db", 2);
        await daemon.ServiceAsync("web", service => service.State() == "running" && service.StatusText() == "queue 3", "ready");
        (await daemon.RunAsync("alert", "ack", "till")).MustSucceed();
        (await daemon.RunAsync("alert", "silence", "db", "--for", "1h")).MustSucceed();
        await File.AppendAllTextAsync(daemon.ConfigurationFile, "\n[services.more]\ncommand = [\"true\"]\n");
        return daemon;
    }

    // By command: the path of each field, and its type.
    private static Dictionary<string, Dictionary<string, string>> Describe(string page) =>
        page.Split("\n## ").Skip(1).ToDictionary(
            section => TitleOf(section.Split('`')[1]["lifeline ".Length..]),
            section => Row().Matches(section).ToDictionary(row => row.Groups[1].Value, row => row.Groups[2].Value));

    // "alert list" and "alert test" are commands of their own; what follows is options and names.
    private static string TitleOf(string command) => command.Split(' ') is ["alert", var of, ..] ? $"alert {of}" : command.Split(' ')[0];

    private static void Look(JsonElement value, string path, Dictionary<string, string> described, HashSet<string> printed, string command)
    {
        if (path.Length > 0)
        {
            Assert.True(described.TryGetValue(path, out var type), $"{command} prints {path}, of which docs/guide/json.md tells nothing: {value}");
            Assert.True(type!.Split(" or ").Any(one => IsA(value, one)), $"{command}: {path} is described as {type}, and is {value}");
            printed.Add(path);
            if (type.StartsWith("map", StringComparison.Ordinal)) return;
        }
        if (value.ValueKind == JsonValueKind.Object)
            foreach (var field in value.EnumerateObject()) Look(field.Value, path.Length == 0 ? field.Name : $"{path}.{field.Name}", described, printed, command);
        else if (value.ValueKind == JsonValueKind.Array)
            foreach (var item in value.EnumerateArray())
                // Objects of an array have their fields named, not themselves.
                if (item.ValueKind == JsonValueKind.Object)
                    foreach (var field in item.EnumerateObject()) Look(field.Value, $"{path}[].{field.Name}", described, printed, command);
                else
                    Look(item, $"{path}[]", described, printed, command);
    }

    private static bool IsA(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "time" => value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out _) && value.GetString()!.EndsWith('Z'),
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" or "map" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => throw new ArgumentException($"docs/guide/json.md has the type {type}, which this test does not know."),
    };

    [GeneratedRegex(@"^\| `([^`]+)` \| ([a-z ]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
