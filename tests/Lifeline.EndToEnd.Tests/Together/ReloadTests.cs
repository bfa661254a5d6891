using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Together;

/// <summary>A changed file: told before it is done, done as told, and whole or not at all.</summary>
public class ReloadTests
{
    private const string Before = """
        [monitor]
        http = "off"
        [services.same]
        command = ["sleep", "1000"]
        [services.live]
        command = ["sleep", "1000"]
        max_restarts = 3
        [services.relaunched]
        command = ["sleep", "1000"]
        [services.gone]
        command = ["sleep", "1000"]
        [services.resting]
        command = ["sleep", "1000"]
        autostart = false
        """;

    private const string After = """
        [monitor]
        http = "off"
        [services.new]
        command = ["sleep", "1000"]
        [services.same]
        command = ["sleep", "1000"]
        [services.live]
        command = ["sleep", "1000"]
        max_restarts = 4
        stop = { timeout = "3s" }
        [services.relaunched]
        command = ["sleep", "1001"]
        env = { A = "b" }
        [services.resting]
        command = ["sleep", "1001"]
        autostart = false
        """;

    private static readonly string[] Plan =
    [
        "new: new", "live: changes as it runs (max_restarts, stop)", "relaunched: restarts if it runs or has failed (command, env)",
        "resting: restarts if it runs or has failed (command)", "gone: stops (removed)",
    ];

    private static readonly string[] Running = ["same", "live", "relaunched", "gone"];

    [Fact]
    public async Task A_dry_run_tells_what_would_change_and_restart_and_the_reload_does_just_that()
    {
        await using var daemon = new Daemon(Before);
        var before = await StartAsync(daemon);
        await File.WriteAllTextAsync(daemon.ConfigurationFile, After);

        var dry = (await daemon.RunAsync("reload", "--dry-run")).MustSucceed();
        Assert.Equal(Plan.Order(), Lines(dry.Output).Order());
        var json = JsonDocument.Parse((await daemon.RunAsync("reload", "--dry-run", "--json")).MustSucceed().Output);
        Assert.Equal(Plan.Order(), json.RootElement.GetProperty("changes").EnumerateArray().Select(change => change.GetString()).Order());
        await AssertUntouchedAsync(daemon, before);
        Assert.DoesNotContain(await daemon.EventsAsync(), e => e.Kind() == "config.reloaded");

        Assert.Equal(Plan.Order(), Lines((await daemon.RunAsync("reload")).MustSucceed().Output).Order());
        Assert.NotEqual(before["relaunched"], (await daemon.RunningAsync("relaunched", 2)).Pid());
        await daemon.RunningAsync("new");
        await Eventually.TrueAsync(async () => await daemon.TryServiceAsync("gone") is null, daemon.Describe);
        Assert.False(Processes.IsAlive(before["gone"]));
        Assert.Equal((before["same"], before["live"]), ((await daemon.RunningAsync("same")).Pid(), (await daemon.RunningAsync("live")).Pid()));
        Assert.Equal("stopped", (await daemon.TryServiceAsync("resting"))!.Value.State());
        Assert.Equal("nothing changes", (await daemon.RunAsync("reload", "--dry-run")).MustSucceed().Output.Trim());
    }

    [Theory]
    [InlineData("[services.same]\ncomand = 1", "did you mean \"command\"?")]
    [InlineData("[services.same\n", "error")]
    [InlineData("[services.same]\ncommand = [\"sleep\", \"1000\"]\ndepends_on = [\"nobody\"]", "nobody")]
    [InlineData(null, "lifeline.toml")]
    public async Task A_bad_file_changes_nothing(string? text, string complaint)
    {
        await using var daemon = new Daemon(Before);
        var before = await StartAsync(daemon);
        if (text is null)
            File.Delete(daemon.ConfigurationFile);
        else
            await File.WriteAllTextAsync(daemon.ConfigurationFile, After + "\n" + text.Replace("[services.same", "[services.bad", StringComparison.Ordinal));

        foreach (var arguments in (string[][])[["reload", "--dry-run"], ["reload"]])
        {
            var refused = await daemon.RunAsync(arguments);
            Assert.Equal(2, refused.ExitCode);
            Assert.Contains(complaint, refused.Errors, StringComparison.Ordinal);
            Assert.Contains("what was in force stays", refused.Errors, StringComparison.Ordinal);
            Assert.Empty(refused.Output);
        }

        Assert.Single(await daemon.EventsAsync(), e => e.Kind() == "config.reloaded" && !e.Data().GetProperty("applied").GetBoolean());
        await AssertUntouchedAsync(daemon, before);

        // Nor does it when the next monitor comes.
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid != monitor && daemon.MonitorPid != 0, "no other monitor came");
        await AssertUntouchedAsync(daemon, before);
    }

    [Fact]
    public async Task A_service_that_had_failed_is_tried_at_once_with_what_was_mended()
    {
        const string Broken = """
            [services.typo]
            command = ["sleep", "nonsense"]
            max_restarts = 0
            failed_retry = "never"
            [services.other]
            command = "exit 3"
            max_restarts = 0
            failed_retry = "never"
            """;
        await using var daemon = new Daemon(Broken);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.ServiceAsync("typo", s => s.State() == "failed", "failed");
        await daemon.ServiceAsync("other", s => s.State() == "failed", "failed");

        await File.WriteAllTextAsync(daemon.ConfigurationFile, Broken.Replace("nonsense", "1000", StringComparison.Ordinal));
        Assert.Equal(["typo: restarts if it runs or has failed (command)"], Lines((await daemon.RunAsync("reload")).MustSucceed().Output));
        await daemon.RunningAsync("typo", 2);
        Assert.Equal(1, (await daemon.ServiceAsync("other", s => s.State() == "failed", "failed")).Generation());
    }

    private static async Task<Dictionary<string, int>> StartAsync(Daemon daemon)
    {
        await daemon.UpAsync();
        var pids = new Dictionary<string, int>();
        foreach (var name in Running)
            pids[name] = (await daemon.RunningAsync(name)).Pid();
        return pids;
    }

    private static async Task AssertUntouchedAsync(Daemon daemon, Dictionary<string, int> before)
    {
        foreach (var (name, pid) in before)
            Assert.Equal(pid, (await daemon.RunningAsync(name)).Pid());
        Assert.Equal(["gone", "live", "relaunched", "resting", "same"], (await daemon.StatusAsync()).Select(s => s.GetProperty("name").GetString()).Order());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
