using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>No command writes an escape to where there must be none: to a pipe, with NO_COLOR, on a terminal that knows none.</summary>
public class PlainTests
{
    // What is typed after the name of each command, in this order: it is stopped and started in between, and down at the end.
    private static readonly (string Command, string More)[] Typed =
    [
        ("up", "lifeline.toml"), ("status", ""), ("status", "web"), ("status", "nobody"), ("start", "web"), ("restart", "web"), ("kill", "-s CONT web"), ("reload", ""), ("reload", "--dry-run"),
        ("logs", ""), ("logs", "web"), ("events", "--since 0"), ("alert list", ""), ("alert test", "file"), ("alert ack", "till"), ("alert list", ""), ("alert unack", "till"),
        ("alert silence", "web --for 1h"), ("alert unsilence", "web"), ("check", "lifeline.toml"), ("check", "wrong.toml"), ("up", "wrong.toml"), ("import", "Procfile"), ("report", ""),
        ("dashboard", ""), ("upgrade", "--nothing"), ("doctor", ""), ("completion", "bash"), ("man", ""), ("top", ""), ("stop", "web"), ("status", "--json"), ("down", ""), ("status", ""),
    ];

    [Theory]
    [InlineData("a pipe")]
    [InlineData("NO_COLOR=1")]
    [InlineData("TERM=dumb")]
    public async Task No_escape_is_written(string where)
    {
        await using var daemon = await TroubledAsync();
        Assert.Equal(await AllCommands.OfAsync(daemon), Typed.Select(typed => typed.Command).Distinct().Order(StringComparer.Ordinal));
        (daemon.Environment["TERM"], daemon.Environment["NO_COLOR"]) = ("xterm-256color", "");
        if (where.Split('=') is [var name, var value])
            daemon.Environment[name] = value;
        foreach (var (command, more) in Typed)
        {
            var printed = where == "a pipe" ? await PipedAsync(daemon, $"{command} {more}") : await OnATerminalAsync(daemon, $"{command} {more}");
            Assert.False(printed.Contains('\e', StringComparison.Ordinal), $"{command} {more}: {printed.Replace("\e", "^[", StringComparison.Ordinal)}");
        }
    }

    [Theory]
    [InlineData("NO_COLOR=1", false)]
    [InlineData("TERM=dumb", false)]
    [InlineData("TERM=xterm", true)]
    public async Task What_up_prints_in_the_foreground_has_colours_only_where_they_are_wanted(string variable, bool colors)
    {
        await using var daemon = new Daemon("""
            [services.till]
            command = ["sh", "-c", "exit 3"]
            max_restarts = 0
            failed_retry = "never"
            """);
        (daemon.Environment["TERM"], daemon.Environment["NO_COLOR"]) = ("xterm-256color", "");
        daemon.Environment[variable.Split('=')[0]] = variable.Split('=')[1];
        var up = OnATerminalAsync(daemon, "up lifeline.toml");
        await Eventually.TrueAsync(async () => daemon.MonitorPid != 0 && (await daemon.RunAsync("events", "--kind", "service.failed")).Output.Contains("failed", StringComparison.Ordinal), daemon.Describe);
        (await daemon.RunAsync("down")).MustSucceed();
        var printed = await up;
        Assert.Contains("exited with 3", printed, StringComparison.Ordinal);
        Assert.Equal(colors, printed.Contains('\e', StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_terminal_that_knows_them_there_are_colours()
    {
        await using var daemon = await TroubledAsync();
        (daemon.Environment["TERM"], daemon.Environment["NO_COLOR"]) = ("xterm-256color", "");
        foreach (var command in (string[])["status", "events --since 0", "doctor", "check wrong.toml"])
            Assert.Contains("\e[", await OnATerminalAsync(daemon, command), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_a_failure()
    {
        var result = await Shell.RunAsync("sh", ["-c", $"{Places.Executable} completion bash > /dev/full"]);
        Assert.Contains("lifeline: standard output takes no more", result.MustExit(1).Errors, StringComparison.Ordinal);
        (await Shell.RunAsync("bash", ["-c", $"set -o pipefail; {Places.Executable} man | true"])).MustSucceed();
    }

    [Fact]
    public async Task An_executable_that_was_copied_without_its_library_says_so()
    {
        var library = Path.Combine(Path.GetDirectoryName(Places.Executable)!, "libe_sqlite3.so");
        Assert.SkipUnless(File.Exists(library), "only the native build has its library beside it");
        await using var daemon = new Daemon("");
        var copy = Path.Combine(daemon.Folder, "lifeline");
        File.Copy(Places.Executable, copy);
        var result = await Shell.RunAsync(copy, ["up", "-d", daemon.ConfigurationFile, "--run-dir", daemon.RunFolder, "--state-dir", daemon.StateFolder]);
        Assert.Equal($"lifeline: libe_sqlite3.so is missing beside {copy}: the journal is kept with it\n  copy it there together with the executable\n", result.MustExit(1).Errors);
    }

    private static async Task<Daemon> TroubledAsync()
    {
        var daemon = new Daemon("""
            [services.web]
            command = ["sh", "-c", "echo a line; exec sleep 1000"]
            [services.till]
            command = ["sh", "-c", "printf '<3>\\033[31mred\\n' >&2; exit 3"]
            max_restarts = 0
            failed_retry = "never"
            [alerts.file]
            command = ["cat"]
            on = ["failed"]
            """);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "wrong.toml"), "[services.web]\ncommnd = [\"true\"]\n");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "Procfile"), "web: sleep 1000\n");
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.EventAsync("alert.delivered", "till");
        return daemon;
    }

    // What a service printed goes to a pipe as it is: its log is not asked for here.
    private static async Task<string> PipedAsync(Daemon daemon, string line)
    {
        if (line.Trim() == "logs") line = "logs web";
        var result = await daemon.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return result.Output + result.Errors;
    }

    // Both standard output and standard error are the terminal.
    private static async Task<string> OnATerminalAsync(Daemon daemon, string line) =>
        (await Shell.RunAsync("script", ["-qec", $"{Places.Executable} {line} --run-dir {daemon.RunFolder} --state-dir {daemon.StateFolder}", "/dev/null"], daemon.Folder, daemon.Environment.ToDictionary())).Output;
}
