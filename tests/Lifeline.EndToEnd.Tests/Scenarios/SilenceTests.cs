using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>A heartbeat that is missed: what is hung is ended with evidence, what only had no chance to beat is not.</summary>
public sealed class SilenceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lifeline-beater-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_service_that_stops_beating_is_ended_by_its_signal_with_evidence_and_replaced()
    {
        await Beater.BuildAsync(_folder.FullName);
        await using var daemon = new Daemon($$"""
            [services.a]
            command = ["sh", "-c", "echo last words; exec {{_folder.FullName}}/beater {{_folder.FullName}}/stamp 100 4 sleep"]
            ready = "status"
            heartbeat = "1s"
            limits = { core = 0 }
            stop = { hung_signal = "QUIT" }
            """);
        await daemon.UpAsync();
        var hung = (await daemon.EventAsync("service.hung", "a", 1)).Data();
        Assert.Equal(1000, hung.GetProperty("heartbeat_ms").GetInt32());
        Assert.InRange(hung.GetProperty("silent_ms").GetInt32(), 1000, 60_000);
        Assert.Equal("S", hung.GetProperty("state").GetString());
        var thread = hung.GetProperty("threads")[0];
        Assert.Equal("beater", thread.GetProperty("name").GetString());
        Assert.Equal("S", thread.GetProperty("state").GetString());
        Assert.Equal("last words", hung.GetProperty("output")[0].GetString());
        var died = (await daemon.EventAsync("service.died", "a", 1)).Data();
        Assert.Equal(("hung", 3), (died.GetProperty("reason").GetString(), died.GetProperty("signal").GetInt32()));
        Assert.False(died.GetProperty("core_dumped").GetBoolean());
        await daemon.RunningAsync("a", 2);
    }

    [Fact]
    public async Task One_that_ignores_the_signal_and_one_that_was_stopped_are_killed()
    {
        var beater = await Beater.BuildAsync(_folder.FullName);
        await using var daemon = new Daemon($$"""
            [services.deaf]
            command = {{beater.Command(100, 4, "deaf")}}
            heartbeat = "500ms"
            [services.stopped]
            command = {{beater.Command(100, 0)}}
            heartbeat = "500ms"
            """);
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("stopped");
        Processes.Kill(service.Pid(), Processes.Stop);
        var deaf = (await daemon.EventAsync("service.died", "deaf")).Data();
        Assert.Equal(("hung", 9), (deaf.GetProperty("reason").GetString(), deaf.GetProperty("signal").GetInt32()));
        var hung = await daemon.EventAsync("service.hung", "stopped", service.Generation());
        Assert.Equal("T", hung.Data().GetProperty("state").GetString());
        var died = (await daemon.EventAsync("service.died", "stopped", service.Generation())).Data();
        Assert.Equal(("hung", 9), (died.GetProperty("reason").GetString(), died.GetProperty("signal").GetInt32()));
    }

    [Fact]
    public async Task A_monitor_that_was_stopped_for_five_seconds_kills_nobody()
    {
        var beater = await Beater.BuildAsync(_folder.FullName);
        await using var daemon = new Daemon(Beating(beater));
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor, Processes.Stop);
        await Task.Delay(TimeSpan.FromSeconds(5));
        Processes.Kill(monitor, Processes.Continue);
        await AliveAsync(daemon, service);
    }

    [Fact]
    public async Task A_service_whose_control_group_is_frozen_is_not_hung()
    {
        var beater = await Beater.BuildAsync(_folder.FullName);
        await using var daemon = new Daemon(Beating(beater));
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        using var frozen = FrozenGroup.TryOf(service.Pid());
        Assert.SkipWhen(frozen is null, "this machine lets nobody freeze a control group");
        var extended = await daemon.EventAsync("service.extended", "a");
        Assert.Equal("frozen", extended.Data().GetProperty("reason").GetString());
        await Task.Delay(TimeSpan.FromSeconds(3));
        frozen.Dispose();
        await AliveAsync(daemon, service);
    }

    [Fact]
    public async Task A_machine_full_of_busy_loops_kills_nobody()
    {
        var beater = await Beater.BuildAsync(_folder.FullName);
        await using var daemon = new Daemon(Beating(beater));
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("a");
        var loops = Enumerable.Range(0, 8 * Environment.ProcessorCount)
            .Select(_ => System.Diagnostics.Process.Start("sh", ["-c", "while :; do :; done"])).ToArray();
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(5));
            await AliveAsync(daemon, service);
        }
        finally
        {
            foreach (var loop in loops)
            {
                loop.Kill();
                loop.Dispose();
            }
        }
    }

    private static string Beating(Beater beater) => $$"""
        [services.a]
        command = {{beater.Command(200, 0)}}
        ready = "status"
        heartbeat = "1s"
        """;

    /// <summary>The same process, two seconds later too: a wrong judgement would have come by then.</summary>
    private static async Task AliveAsync(Daemon daemon, JsonElement service)
    {
        await Task.Delay(TimeSpan.FromSeconds(2));
        var now = await daemon.RunningAsync("a");
        Assert.Equal((service.Pid(), service.Generation()), (now.Pid(), now.Generation()));
        Assert.DoesNotContain(await daemon.EventsAsync("--service", "a"), e => e.Kind() is "service.hung" or "service.died");
    }
}
