using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>What happened, asked for by time, service and kind; and a journal that breaks while it is in use.</summary>
public class JournalTests
{
    private const string TwoServices = """
        [services.a]
        command = ["sleep", "1000"]
        [services.b]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task Events_are_asked_for_by_service_kind_and_time()
    {
        await using var daemon = await new Daemon(TwoServices).UpAsync();
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.RunningAsync("a", 2);
        Assert.Contains("SIGKILL", (await daemon.RunAsync("events", "--since", "1h", "--service", "a", "--kind", "service.died")).MustSucceed().Output, StringComparison.Ordinal);
        var died = await daemon.EventsAsync("--service", "a", "--kind", "service.died");
        Assert.Equal(("service.died", "a"), (Assert.Single(died).Kind(), died[0].Service()));
        var family = await daemon.EventsAsync("--kind", "service.st*");
        Assert.All(family, happened => Assert.StartsWith("service.st", happened.Kind(), StringComparison.Ordinal));
        Assert.Equal(6, family.Length);
        Assert.Empty(await daemon.EventsAsync("--until", died[0].GetProperty("at").GetString()!, "--kind", "service.died"));
        var last = (await daemon.RunAsync("events", "-n", "1", "--kind", "service.died")).MustSucceed().Output;
        Assert.Contains("SIGKILL", last, StringComparison.Ordinal);
        Assert.Equal(2, (await daemon.RunAsync("events", "-f", "--until", "1h")).ExitCode);
    }

    [Fact]
    public async Task A_live_journal_that_is_damaged_is_set_aside_and_the_services_go_on()
    {
        await using var daemon = await new Daemon(TwoServices).UpAsync();
        var (a, b) = ((await daemon.RunningAsync("a")).Pid(), (await daemon.RunningAsync("b")).Pid());
        var journal = Path.Combine(daemon.StateFolder, "journal.db");
        await using (var file = new FileStream(journal, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            await file.WriteAsync(Enumerable.Repeat((byte)0x5a, 64 * 1024).ToArray());
        File.Delete(journal + "-wal");

        // The next monitor finds it at the latest.
        Processes.Kill(daemon.MonitorPid);
        await Eventually.TrueAsync(
            async () => (await daemon.RunAsync("events", "--json", "--since", "0")).Output.Contains("\"journal.reset\"", StringComparison.Ordinal), () => daemon.Describe());
        var reset = (await daemon.EventsAsync("--kind", "journal.reset"))[0];
        Assert.True(File.Exists(reset.Data().GetProperty("moved_to").GetString()));
        Assert.Equal((a, b), ((await daemon.RunningAsync("a")).Pid(), (await daemon.RunningAsync("b")).Pid()));
        Processes.Kill(a);
        await daemon.ServiceAsync("a", service => service.State() == "running" && service.Pid() != a, "started again");
        Assert.Contains("damaged", (await daemon.RunAsync("events", "--kind", "journal.*")).MustSucceed().Output, StringComparison.OrdinalIgnoreCase);
    }
}
