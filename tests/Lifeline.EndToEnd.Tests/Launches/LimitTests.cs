using System.Globalization;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Limits of memory and processes: by the kernel where it has a controller, by measuring without one.</summary>
public sealed class LimitTests
{
    private const int Limit = 64 << 20;

    // 200 MiB in steps, by a child: what counts is the sum of the tree, and the main process does not end by itself.
    private const string Eater = """
        [monitor]
        http = "off"
        [services.a]
        command = "perl -e 'my $x = q(); while (length($x) < (200 << 20)) { $x .= q(0123456789abcdef) x 65536; select(undef, undef, undef, 0.01) } sleep 1000'; sleep 1000"
        restart_window = "10ms"
        limits = { memory = "64MiB" }
        [services.b]
        command = "exec sleep 1000"
        limits = { memory = "64MiB" }
        """;

    public static TheoryData<string> Ways => ["", "membership", "off"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_service_that_eats_more_memory_than_it_may_is_ended_for_that_and_started_again(string groups)
    {
        await using var daemon = new Daemon(Eater);
        if (groups.Length > 0)
            daemon.Environment["LIFELINE_CONTROL_GROUPS"] = groups;
        await daemon.UpAsync();

        var over = (await daemon.EventAsync("service.over_limit", "a", 1)).Data();
        var died = (await daemon.EventAsync("service.died", "a", 1)).Data();

        Assert.Equal("memory_limit", died.GetProperty("reason").GetString());
        Assert.Equal(Limit, over.GetProperty("limit_bytes").GetInt64());
        Assert.Equal(groups.Length == 0 && HasController("memory"), over.GetProperty("kernel").GetBoolean());
        if (!over.GetProperty("kernel").GetBoolean())
            Assert.True(over.GetProperty("memory_bytes").GetInt64() > Limit);
        await daemon.RunningAsync("a", atLeastGeneration: 2);
        Assert.Equal(1, (await daemon.RunningAsync("b")).Generation());
    }

    [Fact]
    public async Task One_whose_main_process_is_ended_by_the_kernel_for_its_memory_died_of_its_limit()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = ["perl", "-e", "my $x = q(); $x .= q(0123456789abcdef) x 65536 while length($x) < (200 << 20); sleep 1000"]
            restart_window = "10ms"
            limits = { memory = "64MiB" }
            """);
        await daemon.UpAsync();

        Assert.Equal("memory_limit", (await daemon.EventAsync("service.died", "a", 1)).Data().GetProperty("reason").GetString());
        Assert.Equal("memory_limit", (await daemon.EventAsync("service.died", "a", 2)).Data().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_service_has_no_more_processes_than_it_may()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "i=0; while [ $i -lt 40 ]; do sleep 1000 & i=$((i+1)); done; echo all; wait"
            [services.b]
            command = ["perl", "-e", "$| = 1; my $n = 0; while ($n < 40) { my $p = fork; last unless defined $p; if (!$p) { sleep 1000; exit } $n++ } print qq(forked $n\n); sleep 1000"]
            limits = { processes = 20 }
            """);
        await daemon.UpAsync();

        if (HasController("pids"))
        {
            var said = await Eventually.GetAsync(
                async () => (await daemon.RunAsync("logs", "b")).Output is var text && text.Contains("forked", StringComparison.Ordinal) ? text : null, daemon.Describe);
            Assert.Equal(19, int.Parse(said.Trim().Split(' ')[^1], CultureInfo.InvariantCulture));
        }
        else
        {
            await daemon.EventAsync("service.over_limit", "b");
        }

        await Eventually.GetAsync(
            async () => (await daemon.RunAsync("logs", "a")).Output is var text && text.Contains("all", StringComparison.Ordinal) ? text : null, daemon.Describe);
    }

    [Theory]
    [InlineData("membership")]
    [InlineData("off")]
    public async Task Where_no_controller_counts_processes_they_are_counted_from_outside(string controlGroups)
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [defaults]
            max_restarts = 0
            limits = { processes = 20 }
            [services.within]
            command = "for i in $(seq 15); do sleep 1000 & done; wait"
            [services.beyond]
            command = "for i in $(seq 40); do sleep 1000 & done; wait"
            [services.threads]
            command = ["python3", "-c", "import threading, time; [threading.Thread(target=time.sleep, args=(1000,)).start() for _ in range(40)]"]
            """);
        daemon.Environment["LIFELINE_CONTROL_GROUPS"] = controlGroups;
        await daemon.UpAsync();

        foreach (var name in (string[])["beyond", "threads"])
        {
            var over = (await daemon.EventAsync("service.over_limit", name)).Data();
            Assert.Equal(("processes", 20, false), (over.GetProperty("limit").GetString(), over.GetProperty("limit_processes").GetInt32(), over.GetProperty("kernel").GetBoolean()));
            Assert.True(over.GetProperty("processes").GetInt32() > 20);
            Assert.Equal("process_limit", (await daemon.EventAsync("service.died", name)).Data().GetProperty("reason").GetString());
            await daemon.ServiceAsync(name, s => s.State() == "failed", "failed");
        }

        Assert.Equal(1, (await daemon.RunningAsync("within")).Generation());
        Assert.DoesNotContain(await daemon.EventsAsync("--service", "within"), e => e.Kind() == "service.over_limit");
    }

    [Fact]
    public async Task Limits_that_come_with_a_reload_hold_and_leave_nothing_behind()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "exec sleep 1000"
            """);
        await daemon.UpAsync();
        await daemon.RunningAsync("a");
        await File.AppendAllTextAsync(daemon.ConfigurationFile, """

            limits = { memory = "64MiB", processes = 7 }
            """);
        Assert.Equal(0, (await daemon.RunAsync("reload")).ExitCode);

        var service = await daemon.RunningAsync("a", atLeastGeneration: 2);

        var groups = await File.ReadAllLinesAsync(string.Create(CultureInfo.InvariantCulture, $"/proc/{service.Pid()}/cgroup"));
        var folders = Folders(groups).ToList();
        Assert.Equal(HasController("memory") ? [Limit.ToString(CultureInfo.InvariantCulture)] : [], ValuesOf(folders, "memory.limit_in_bytes", "memory.max"));
        Assert.Equal(HasController("pids") ? ["7"] : [], ValuesOf(folders, "pids.max"));
        await daemon.RunAsync("down");
        await Eventually.GetAsync(() => Task.FromResult(folders.Any(Directory.Exists) ? null : "gone"), daemon.Describe);
    }

    // Controllers of version 1; those of version 2 can be had only where no process is in our own group.
    private static bool HasController(string name) => Environment.UserName == "root" && File.ReadLines("/proc/self/mountinfo")
        .Any(line => line.Contains(" - cgroup ", StringComparison.Ordinal) && line.Split(' ')[^1].Split(',').Contains(name));

    private static IEnumerable<string> Folders(string[] lines)
    {
        foreach (var line in lines)
        {
            var parts = line.Split(':', 3);
            var name = parts[1].Length == 0 ? "unified" : parts[1].Replace("name=", "", StringComparison.Ordinal);
            if (parts[2].Contains("/l-", StringComparison.Ordinal))
                yield return $"/sys/fs/cgroup/{name}{parts[2]}";
        }
    }

    private static List<string> ValuesOf(List<string> folders, params string[] files) =>
        [.. folders.SelectMany(folder => files.Select(file => Path.Combine(folder, file))).Where(File.Exists).Select(file => File.ReadAllText(file).Trim()).Where(value => value != "max")];
}
