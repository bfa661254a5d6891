using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>What people see of alerts and say about them, from the terminal.</summary>
public class AlertTests
{
    private const string Failing = """
        [services.a]
        command = ["sleep", "1000"]
        max_restarts = 0
        failed_retry = "never"

        [alerts.ops]
        command = ["sh", "-c", "cat >> {folder}/told"]
        throttle = "0s"
        """;

    [Fact]
    public async Task An_alert_is_listed_acknowledged_and_closed()
    {
        await using var daemon = await FailedAsync(Failing);
        var overview = await OverviewAsync(daemon);
        var failed = overview.GetProperty("alerts").EnumerateArray().Single(alert => alert.GetProperty("rule").GetString() == "failed");
        Assert.Equal("open", failed.GetProperty("state").GetString());
        var listed = (await daemon.RunAsync("alert", "list")).MustSucceed().Output;
        Assert.Contains("a failed:", listed, StringComparison.Ordinal);
        Assert.Contains("2 alerts open", (await daemon.RunAsync("status")).MustSucceed().Output, StringComparison.Ordinal);

        (await daemon.RunAsync("alert", "ack", failed.GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture), "--note", "on it")).MustSucceed();
        Assert.Equal("on it", (await daemon.EventAsync("alert.acknowledged", "a")).Data().GetProperty("note").GetString());
        (await daemon.RunAsync("alert", "ack", "a")).MustSucceed();
        Assert.Equal(4, (await daemon.RunAsync("alert", "ack", "999")).ExitCode);

        // Whoever takes care is remembered by the next monitor.
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid != monitor && daemon.MonitorPid != 0, "no other monitor came");
        await Eventually.TrueAsync(
            async () => (await daemon.RunAsync("alert", "list")).Output.Contains("takes care", StringComparison.Ordinal), () => "the acknowledgement was forgotten");
        (await daemon.RunAsync("start", "a")).MustSucceed();
        Assert.Contains("Nothing is wrong", (await daemon.RunAsync("alert", "list")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silence_holds_until_it_is_taken_back_also_over_another_monitor()
    {
        await using var daemon = await new Daemon(Failing).UpAsync();
        var first = await daemon.RunningAsync("a");
        (await daemon.RunAsync("alert", "silence", "a", "--for", "1h", "--note", "moving house")).MustSucceed();
        Assert.Equal(4, (await daemon.RunAsync("alert", "silence", "nobody", "--for", "1h")).ExitCode);
        Assert.Equal(2, (await daemon.RunAsync("alert", "silence", "a", "--for", "soon")).ExitCode);
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid != monitor && daemon.MonitorPid != 0, "no other monitor came");
        Processes.Kill(first.Pid());
        await daemon.ServiceAsync("a", s => s.State() == "failed", "failed");
        Assert.Contains("moving house", (await daemon.RunAsync("alert", "list")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.All((await OverviewAsync(daemon)).GetProperty("alerts").EnumerateArray(), alert => Assert.Equal("held_back", alert.GetProperty("state").GetString()));
        Assert.False(File.Exists(Path.Combine(daemon.Folder, "told")));
        (await daemon.RunAsync("alert", "unsilence", "a")).MustSucceed();
        await daemon.EventAsync("alert.delivered", "a");
        Assert.Contains("\"rule\":\"failed\"", Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_alert_goes_through_the_real_channel_and_tells_what_became_of_it()
    {
        await using var daemon = await new Daemon(Failing + """

            [alerts.broken]
            command = ["sh", "-c", "echo no such room >&2; exit 3"]
            """).UpAsync();
        (await daemon.RunAsync("alert", "test", "ops")).MustSucceed();
        Assert.Contains("\"rule\":\"test\"", Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")), StringComparison.Ordinal);
        var broken = await daemon.RunAsync("alert", "test", "broken");
        Assert.Equal(1, broken.ExitCode);
        Assert.Contains("exited with 3", broken.Errors, StringComparison.Ordinal);
        Assert.Equal(4, (await daemon.RunAsync("alert", "test", "nobody")).ExitCode);
    }

    private static async Task<Daemon> FailedAsync(string configuration)
    {
        var daemon = await new Daemon(configuration).UpAsync();
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.ServiceAsync("a", s => s.State() == "failed", "failed");
        return daemon;
    }

    private static async Task<JsonElement> OverviewAsync(Daemon daemon) =>
        JsonDocument.Parse((await daemon.RunAsync("alert", "list", "--json")).MustSucceed().Output).RootElement;
}
