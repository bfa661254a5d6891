using System.Text;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Many services are configured and few run: what is not started costs nothing but its entry.</summary>
public sealed class ManyConfiguredTests
{
    private const int Idle = 2000;

    private static string Configuration(string more = "")
    {
        var text = new StringBuilder("[monitor]\nhttp = \"off\"\n[services.a]\ncommand = [\"sleep\", \"1000\"]\n").AppendLine(more);
        for (var i = 0; i < Idle; i++)
            text.AppendLine($"[services.s{i}]\nautostart = false\ncommand = \"echo generation $LIFELINE_GENERATION; exec sleep 1000\"");
        return text.ToString();
    }

    private static string[] NotifySockets(Daemon daemon) =>
        [.. Directory.GetFiles(Path.Combine(daemon.RunFolder, "notify")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static int Descriptors(int pid) => Directory.GetFiles($"/proc/{pid}/fd").Length;

    private static Task<string> LogAsync(Daemon daemon, string service, string wanted) => Eventually.GetAsync(
        async () => (await daemon.RunAsync("logs", service)).Output is var text && text.Contains(wanted, StringComparison.Ordinal) ? text : null,
        daemon.Describe);

    [Fact]
    public async Task Descriptors_of_a_service_are_there_from_its_first_start_until_it_is_stopped()
    {
        await using var daemon = new Daemon(Configuration());
        await daemon.UpAsync();
        Assert.Equal(["a"], NotifySockets(daemon));
        Assert.InRange(Descriptors(daemon.KeeperPid), 1, 200);
        Assert.InRange(Descriptors(daemon.MonitorPid), 1, 400);
        Assert.Equal(Idle + 1, (await daemon.StatusAsync()).Length);

        for (var generation = 1; generation <= 2; generation++)
        {
            (await daemon.RunAsync("start", "s7")).MustSucceed();
            await daemon.RunningAsync("s7", generation);
            Assert.Equal(["a", "s7"], NotifySockets(daemon));
            await LogAsync(daemon, "s7", $"generation {generation}");

            (await daemon.RunAsync("stop", "s7")).MustSucceed();
            await daemon.ServiceAsync("s7", s => s.State() == "stopped", "stopped");
            await Eventually.TrueAsync(() => NotifySockets(daemon) is ["a"], "The notify socket stays after the stop.");
        }

        await LogAsync(daemon, "s7", "generation 1");
    }

    [Fact]
    public async Task Commands_tell_who_there_is_and_who_depends_on_whom_among_many()
    {
        const string Related = """
            [services.web]
            command = ["sleep", "1000"]
            depends_on = ["s0"]
            instances = 2
            """;
        await using var daemon = new Daemon(Configuration(Related));
        await daemon.UpAsync();
        await daemon.RunningAsync("web.2");

        Assert.Equal(["web.1", "web.2"], Names(await daemon.RunAsync("status", "--json", "web")));
        Assert.Equal(["s1999", "a"], Names(await daemon.RunAsync("status", "--json", "s1999", "a")).OrderByDescending(name => name, StringComparer.Ordinal));
        Assert.Contains("did you mean \"s1999\"?", (await daemon.RunAsync("status", "s_1999")).Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await daemon.RunAsync("events", "--service", "web*")).ExitCode);

        Assert.Contains("web.1, web.2 stop first", (await daemon.RunAsync("stop", "s0")).MustSucceed().Errors, StringComparison.Ordinal);
        await daemon.ServiceAsync("s0", s => s.State() == "stopped", "stopped");
        (await daemon.RunAsync("start", "s0")).MustSucceed();
        await daemon.RunningAsync("web.1", 2);
    }

    private static IReadOnlyList<string?> Names(CommandResult result)
    {
        using var services = System.Text.Json.JsonDocument.Parse(result.MustSucceed().Output);
        return [.. services.RootElement.EnumerateArray().Select(service => service.GetProperty("name").GetString())];
    }

    [Fact]
    public async Task The_next_monitor_goes_on_with_those_that_were_started()
    {
        await using var daemon = new Daemon(Configuration());
        await daemon.UpAsync();
        (await daemon.RunAsync("start", "s7")).MustSucceed();
        var running = await daemon.RunningAsync("s7");
        var monitor = daemon.MonitorPid;

        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is not 0 and var next && next != monitor, "No other monitor came.");

        Assert.Equal(running.Pid(), (await daemon.RunningAsync("s7")).Pid());
        Assert.Equal(["a", "s7"], NotifySockets(daemon));
        Processes.Kill(running.Pid());
        await daemon.RunningAsync("s7", 2);
        await LogAsync(daemon, "s7", "generation 2");
    }

    [Fact]
    public async Task A_reload_adds_services_that_are_opened_when_they_start()
    {
        await using var daemon = new Daemon(Configuration());
        await daemon.UpAsync();
        File.WriteAllText(daemon.ConfigurationFile, Configuration("[services.b]\ncommand = \"echo here; exec sleep 1000\"\n[services.c]\nautostart = false\ncommand = \"sleep 1\""));

        (await daemon.RunAsync("reload")).MustSucceed();

        await daemon.RunningAsync("b");
        await LogAsync(daemon, "b", "here");
        Assert.Equal(["a", "b"], NotifySockets(daemon));
    }
}
