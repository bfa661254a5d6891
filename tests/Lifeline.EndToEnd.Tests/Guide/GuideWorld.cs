using System.Text.Json;
using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

/// <summary>A Lifeline in which there is all that the guide's commands speak of, so that each of them can be typed as it stands.</summary>
internal sealed partial class GuideWorld : IAsyncDisposable
{
    private const string Services = """
        [monitor]
        http = "127.0.0.1:0"
        [services.db]
        command = "echo open; exec sleep 1000"
        [services.orders]
        command = 'lifeline report --health unhealthy --text "no paper"; echo taken; exec sleep 1000'
        depends_on = ["db"]
        reload_signal = "CONT"
        [services.web]
        command = ["sleep", "1000"]
        [services.hello]
        command = "echo hello; exec sleep 1000"
        [services.a]
        command = "echo a line; exec sleep 1000"
        [services.queue]
        command = ["sleep", "1000"]
        reload_signal = "CONT"
        [services.-odd]
        command = ["sleep", "1000"]
        [services.script]
        command = "sh -e ./reports && echo all of them taken; exec sleep 1000"
        [alerts.ops]
        command = ["sh", "-c", "cat >> alerts.jsonl"]
        on = ["unhealthy"]
        throttle = "0s"
        [alerts.mail]
        command = ["true"]
        """;

    // Commands that do nothing without more: their name alone is no command, but a name.
    private static readonly string[] NeedMore =
        ["start", "stop", "restart", "kill", "report", "import", "completion", "alert ack", "alert unack", "alert silence", "alert unsilence", "alert test"];

    private readonly Daemon daemon;

    private GuideWorld(Daemon daemon) => this.daemon = daemon;

    /// <summary>Whether a command is one that a service types.</summary>
    public static bool IsReport(string command) => command.StartsWith("lifeline report -", StringComparison.Ordinal);

    /// <param name="reports">Typed by a service, for nobody else may report.</param>
    public static async Task<GuideWorld> BeginAsync(IReadOnlyList<string> reports)
    {
        Assert.NotEmpty(reports);
        var daemon = new Daemon(Services).With("reports", string.Join('\n', reports.Distinct()) + "\n").With("Procfile", "web: sleep 1000\n");
        daemon.Environment["PATH"] = Path.GetDirectoryName(Places.Executable) + ":" + Environment.GetEnvironmentVariable("PATH");
        await daemon.UpAsync();
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "script")).Output.Contains("all of them taken", StringComparison.Ordinal), () => $"a report failed\n{daemon.Describe()}");
        return new GuideWorld(daemon);
    }

    /// <summary>The commands that a sentence stands for: without what is optional and with each of that, and each of several.</summary>
    public static IEnumerable<string> Spell(string command)
    {
        if (Optional().Matches(command) is { Count: > 0 } optional)
            return optional.Select(one => Optional().Replace(command, other => other.Index == one.Index ? one.Groups[1].Value : "")).Append(Optional().Replace(command, "")).SelectMany(Spell);
        if (Several().Match(command) is { Success: true } several)
            return several.Value.Split('|').SelectMany(one => Spell(command.Remove(several.Index, several.Length).Insert(several.Index, one)));
        var words = Blanks().Replace(command, " ").Trim();
        return [NeedMore.Contains(words["lifeline ".Length..]) ? $"{words} --help" : words];
    }

    /// <summary>Null: it worked; else what happened.</summary>
    public async Task<string?> TypeAsync(string page, string command)
    {
        // What came before may have ended all.
        var runs = (await daemon.RunAsync("status")).ExitCode == 0;
        if (IsUp(command) && runs)
            (await daemon.RunAsync("down")).MustSucceed();
        else if (!IsUp(command) && !runs)
            await daemon.UpAsync();
        var typed = await FillAsync(command);
        if (typed.EndsWith("lifeline top", StringComparison.Ordinal))
        {
            await LookAtTopAsync(typed);
            return null;
        }

        var result = await ShellAsync(typed);
        return result.ExitCode == 0 ? null : $"{page} has `{command}`. Typed as `{typed}`, it ended with {result.ExitCode}.\n{result.Output}\n{result.Errors}";
    }

    private static bool IsUp(string command) => command == "lifeline up" || command.StartsWith("lifeline up ", StringComparison.Ordinal);

    // Names that stand for something become something.
    private async Task<string> FillAsync(string command)
    {
        var typed = command
            .Replace("/path/to/new/", "", StringComparison.Ordinal).Replace("…", "", StringComparison.Ordinal)
            .Replace("import FILE", "import Procfile -o imported.toml --force", StringComparison.Ordinal).Replace("FILE", "lifeline.toml", StringComparison.Ordinal)
            .Replace("alert test NAME", "alert test ops", StringComparison.Ordinal).Replace("ADDR:PORT", "127.0.0.1:0", StringComparison.Ordinal)
            .Replace("SIG ", "CONT ", StringComparison.Ordinal).Replace("COMMAND", "status", StringComparison.Ordinal);
        typed = Placeholder().Replace(typed, stands => stands.Value switch { "T" => "10m", "N" => "5", _ => "orders" });
        if (typed.StartsWith("lifeline alert ack", StringComparison.Ordinal) && !typed.EndsWith("--help", StringComparison.Ordinal))
            typed = typed.Replace(" 3", $" {await AlertAsync()}", StringComparison.Ordinal);
        return typed;
    }

    // Until it shows what it stays for; then Ctrl-C. A shell without jobs would let what it starts beside itself ignore that.
    private static string UntilCtrlC(string typed, string shown) =>
        $"set -m; rm -f shown; {typed} > shown 2>&1 & until {shown} || ! kill -0 $! 2> /dev/null; do sleep 0.1; done; kill -INT $!; wait $! || {{ code=$?; cat shown; exit $code; }}";

    // The number of what is wrong with orders, once somebody is told.
    private async Task<long> AlertAsync()
    {
        await daemon.ServiceAsync("orders", service => service.GetProperty("health").GetString() == "unhealthy", "unhealthy");
        var found = await Eventually.GetAsync<object>(
            async () => JsonDocument.Parse((await daemon.RunAsync("alert", "list", "--json")).MustSucceed().Output).RootElement.GetProperty("alerts").EnumerateArray()
                .Where(alert => alert.GetProperty("service").GetString() == "orders").Select(alert => (object)alert.GetProperty("id").GetInt64()).FirstOrDefault(),
            () => "There is no alert of orders.\n" + daemon.Describe());
        return (long)found;
    }

    private Task<CommandResult> ShellAsync(string typed)
    {
        var environment = new Dictionary<string, string>(daemon.Environment.ToDictionary())
        {
            ["LIFELINE_RUN_DIR"] = daemon.RunFolder, ["LIFELINE_STATE_DIR"] = daemon.StateFolder, ["TERM"] = "xterm-256color", ["NO_COLOR"] = "",
        };
        if (IsUp(typed) && !typed.Contains(" -d", StringComparison.Ordinal))
            typed = UntilCtrlC(typed, "lifeline status orders 2> /dev/null | grep -q running");
        else if (typed.Contains(" -f", StringComparison.Ordinal) || typed.Contains("--watch", StringComparison.Ordinal))
            typed = UntilCtrlC(typed, "[ -s shown ]");
        return typed.EndsWith("| source", StringComparison.Ordinal)
            ? Shell.RunAsync("fish", ["--no-config", "-c", typed], daemon.Folder, environment)
            : Shell.RunAsync("bash", ["-o", "pipefail", "-c", typed], daemon.Folder, environment);
    }

    private async Task LookAtTopAsync(string typed)
    {
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 100);
        await terminal.TypeAsync(typed);
        await terminal.ShowsAsync("q quit");
        await terminal.PressAsync("q");
        await terminal.ShowsAsync(screen => screen.TrimEnd().EndsWith('$'), "the prompt of the shell again");
    }

    public ValueTask DisposeAsync() => daemon.DisposeAsync();

    [GeneratedRegex(@"\[([^\]]*)\]")]
    private static partial Regex Optional();

    [GeneratedRegex(@"[a-z]+(\|[a-z]+)+")]
    private static partial Regex Several();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"(?<=[ ])(NAME|SERVICE|T|N)(?= |$)")]
    private static partial Regex Placeholder();
}
