using System.Globalization;
using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Monitor and keeper are killed while three services write numbered lines and report.</summary>
public class SurvivalTests
{
    private static readonly string[] Names = ["w1", "w2", "w3"];

    private static string Configuration => $"""
        [defaults]
        env = {"{"} {RoleStart.Variable} = "writer" {"}"}
        inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
        command = [{RoleStart.Command}]
        log = {"{"} max_size = "100MiB" {"}"}

        [services.w1]
        [services.w2]
        [services.w3]
        """;

    [Fact]
    public async Task The_monitor_is_killed_twenty_times_and_nothing_is_lost()
    {
        await using var daemon = new Daemon(Configuration);
        var before = await StartAsync(daemon);
        var monitor = daemon.MonitorPid;
        for (var kill = 0; kill < 20; kill++)
        {
            Processes.Kill(monitor);
            monitor = await OtherAsync(() => daemon.MonitorPid, monitor);
            await AssertSameAsync(daemon, before);
        }

        await AssertLinesAsync(daemon, exact: true);
    }

    [Fact]
    public async Task The_keeper_is_killed_five_times_and_its_services_live_on()
    {
        await using var daemon = new Daemon(Configuration);
        var before = await StartAsync(daemon);
        var keeper = daemon.KeeperPid;
        for (var kill = 0; kill < 5; kill++)
        {
            Processes.Kill(keeper);
            keeper = await OtherAsync(() => daemon.KeeperPid, keeper);
            await AssertSameAsync(daemon, before);
        }

        // Still watched: a death under the new keeper is seen and answered.
        Processes.Kill(before["w1"]);
        await daemon.RunningAsync("w1", 2);
        await AssertLinesAsync(daemon, exact: false, "w2", "w3");
    }

    [Fact]
    public async Task Both_are_killed_three_times_and_the_next_up_adopts()
    {
        await using var daemon = new Daemon(Configuration);
        var before = await StartAsync(daemon);
        for (var kill = 0; kill < 3; kill++)
        {
            await daemon.KillBothAsync();
            await daemon.UpAsync();
            await AssertSameAsync(daemon, before);
        }

        await AssertLinesAsync(daemon, exact: false, Names);
    }

    [Fact]
    public async Task Both_are_killed_and_the_board_still_tells_what_was_known()
    {
        await using var daemon = new Daemon(Configuration);
        var pids = await StartAsync(daemon);
        await daemon.KillBothAsync();

        var json = (await daemon.RunAsync("status", "--json")).MustExit(3);
        var services = JsonDocument.Parse(json.Output).RootElement.EnumerateArray().ToArray();
        Assert.Equal(Names, services.Select(s => s.GetProperty("name").GetString()));
        Assert.All(services, s => Assert.True(s.GetProperty("stale").GetBoolean()));
        Assert.All(services, s => Assert.Equal((pids[s.GetProperty("name").GetString()!], "running"), (s.Pid(), s.State())));
        Assert.All(services, s => Assert.NotNull(s.StatusText()));
        Assert.Contains("no monitor is running", json.Errors, StringComparison.Ordinal);

        var table = (await daemon.RunAsync("status", "w2")).MustExit(3);
        Assert.Contains("running (stale)", table.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("w1", table.Output, StringComparison.Ordinal);

        await daemon.UpAsync();
        Assert.All(await daemon.StatusAsync(), s => Assert.False(s.GetProperty("stale").GetBoolean()));
    }

    [Theory]
    [InlineData("[services.a]\ncomand = 1")]
    [InlineData("[services.other]\ncommand = [\"sleep\", \"1000\"]")]
    [InlineData(null)]
    public async Task A_file_edited_or_deleted_meanwhile_changes_nothing_when_the_monitor_dies(string? edited)
    {
        await using var daemon = new Daemon("[services.a]\ncommand = [\"sleep\", \"1000\"]");
        await daemon.UpAsync();
        var pid = (await daemon.RunningAsync("a")).Pid();
        if (edited is null)
            File.Delete(daemon.ConfigurationFile);
        else
            await File.WriteAllTextAsync(daemon.ConfigurationFile, edited);

        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await OtherAsync(() => daemon.MonitorPid, monitor);
        Assert.Equal(pid, (await daemon.RunningAsync("a")).Pid());
        Assert.Single(await daemon.StatusAsync());
        Processes.Kill(pid);
        await daemon.RunningAsync("a", 2);
    }

    [Fact]
    public async Task What_waits_in_the_notify_socket_comes_after_the_start_of_the_next_monitor()
    {
        Assert.SkipUnless(Which("python3"), "python3 speaks sd_notify in this scenario.");
        await using var daemon = new Daemon("""
            [services.notifier]
            command = ["python3", "{folder}/notifier.py"]
            ready = "status"
            heartbeat = "5s"
            """);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "notifier.py"), """
            import os, socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect(os.environ['NOTIFY_SOCKET'])
            s.send(b'READY=1')
            n = 0
            while True:
                n += 1
                s.send(b'WATCHDOG=1\nSTATUS=beat %d' % n)
                time.sleep(0.01)
            """);
        await daemon.UpAsync();
        var pid = (await daemon.RunningAsync("notifier")).Pid();
        for (var kill = 0; kill < 3; kill++)
        {
            var monitor = daemon.MonitorPid;
            Processes.Kill(monitor);
            await OtherAsync(() => daemon.MonitorPid, monitor);
            Assert.Equal(pid, (await daemon.RunningAsync("notifier")).Pid());
        }

        Assert.Equal(4, (await daemon.EventsAsync()).Count(e => e.Kind() == "monitor.started"));
    }

    [Fact]
    public async Task Keeper_and_monitor_killed_within_moments_leave_one_of_each_in_the_end()
    {
        await using var daemon = new Daemon("[services.a]\ncommand = [\"sleep\", \"1000\"]");
        await daemon.UpAsync();
        var pid = (await daemon.RunningAsync("a")).Pid();
        var random = new Random(17);
        for (var round = 0; round < 10; round++)
        {
            int keeper = daemon.KeeperPid, monitor = daemon.MonitorPid;
            Processes.Kill(keeper);
            Thread.SpinWait(random.Next(400_000));
            Processes.Kill(monitor);
            await Processes.GoneAsync(keeper);
            await Processes.GoneAsync(monitor);
            // Either somebody took over in between, or this starts them; both is well, two of them is not.
            await Eventually.TrueAsync(
                async () => (await daemon.RunAsync("up", "-d", daemon.ConfigurationFile)) is { ExitCode: 0 } or { ExitCode: 1 } && await daemon.TryServiceAsync("a") is not null,
                daemon.Describe);
            Assert.Equal(pid, (await daemon.RunningAsync("a")).Pid());
        }

        Assert.Single(Processes.WithCommand("__keeper"), p => Processes.CommandLine(p).Contains(daemon.RunFolder, StringComparison.Ordinal));
        Assert.Single(Processes.WithCommand("__monitor"), p => Processes.CommandLine(p).Contains(daemon.RunFolder, StringComparison.Ordinal));
    }

    private static bool Which(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    [Fact]
    public async Task A_state_folder_has_one_monitor_only()
    {
        await using var daemon = new Daemon("[services.a]\ncommand = [\"sleep\", \"1000\"]");
        await daemon.UpAsync();
        var pid = (await daemon.RunningAsync("a")).Pid();
        var second = await Shell.RunAsync(
            Places.Executable, ["up", "-d", daemon.ConfigurationFile, "--run-dir", daemon.RunFolder + "2", "--state-dir", daemon.StateFolder], daemon.Folder);
        second.MustExit(1);
        Assert.Contains("--state-dir", second.Errors, StringComparison.Ordinal);
        Assert.Equal(pid, (await daemon.RunningAsync("a")).Pid());
    }

    private static async Task<Dictionary<string, int>> StartAsync(Daemon daemon)
    {
        await daemon.UpAsync();
        var pids = new Dictionary<string, int>();
        foreach (var name in Names)
        {
            await daemon.ServiceAsync(name, s => s.StatusText() is not null, "reporting");
            pids[name] = (await daemon.RunningAsync(name)).Pid();
        }

        return pids;
    }

    private static async Task<int> OtherAsync(Func<int> read, int old)
    {
        await Eventually.TrueAsync(() => read() is var pid && pid != 0 && pid != old && Processes.IsAlive(pid), $"No successor of process {old} appeared.");
        return read();
    }

    /// <summary>The same processes, and a status that goes on: its number rises under the new monitor.</summary>
    private static async Task AssertSameAsync(Daemon daemon, Dictionary<string, int> before)
    {
        foreach (var (name, pid) in before)
        {
            var service = await daemon.ServiceAsync(name, s => s.State() == "running" && s.StatusText() is not null, "running with its status");
            Assert.Equal(pid, service.Pid());
            Assert.Equal(1, service.Generation());
            var number = Number(service);
            await daemon.ServiceAsync(name, s => Number(s) > number, $"a report after number {number}");
            Assert.Equal([pid], Processes.WithCommand("Lifeline.EndToEnd.Tests").Where(p => Marked(p, name, daemon)).ToArray());
        }
    }

    private static bool Marked(int pid, string service, Daemon daemon)
    {
        var environment = Daemon.ReadIfThere($"/proc/{pid}/environ").Split('\0');
        return environment.Contains($"LIFELINE_SERVICE={service}") && environment.Any(v => v.StartsWith("LIFELINE_SOCKET=" + daemon.Folder, StringComparison.Ordinal));
    }

    private static int Number(JsonElement service) =>
        service.StatusText() is { } text && text.StartsWith("at ", StringComparison.Ordinal) ? int.Parse(text.AsSpan(3), CultureInfo.InvariantCulture) : 0;

    private static async Task AssertLinesAsync(Daemon daemon, bool exact, params string[] names)
    {
        foreach (var name in names.Length == 0 ? Names : names)
        {
            var log = (await daemon.RunAsync("logs", name, "-n", "1000000")).MustSucceed().Output;
            var numbers = log.Split('\n').Where(l => l.Contains("line ", StringComparison.Ordinal))
                .Select(l => int.Parse(l[(l.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)).ToList();
            Assert.NotEmpty(numbers);
            var expected = Enumerable.Range(1, numbers[^1]).ToList();
            if (exact)
                Assert.Equal(expected, numbers);
            else
                Assert.True(numbers.Count >= expected.Count * 0.99, $"{name}: {numbers.Count} of {expected.Count} lines were kept.");
            TestContext.Current.SendDiagnosticMessage("{0}: {1} of {2} lines", name, numbers.Count, expected.Count);
        }
    }
}
