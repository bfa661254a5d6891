using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>What services say through their notify sockets, with systemd's own command and with descriptors.</summary>
public class NotifyTests
{
    [Fact]
    public async Task A_script_with_systemds_own_command_is_ready_reloads_and_stops()
    {
        await using var daemon = new Daemon("""
            [defaults]
            ready = "status"
            status_events = "0s"
            [services.script]
            reload_signal = "HUP"
            command = '''
              trap 'systemd-notify --reloading 2>/dev/null || systemd-notify RELOADING=1; systemd-notify --ready --status="new rules"' HUP
              systemd-notify --ready --status="up and well"
              while :; do sleep 0.05; done
            '''
            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("script", s => s.StatusText() == "up and well", "its status");
        (await daemon.RunAsync("reload", "script")).MustSucceed();
        await daemon.ServiceAsync("script", s => s.StatusText() == "new rules", "its status after the reload");
        await daemon.EventAsync("service.reloading", "script");
        await daemon.EventAsync("service.reloaded", "script");
        Assert.Equal(service.Pid(), (await daemon.RunningAsync("script")).Pid());
    }

    [Fact]
    public async Task Lifelines_own_report_makes_a_script_ready_and_its_text_an_event()
    {
        await using var daemon = new Daemon($$"""
            [services.script]
            ready = "status"
            command = '"{{Places.Executable}}" report --ready --health degraded --text "half of it" --field left=50 && exec sleep 1000'
            """);
        await daemon.UpAsync();
        var status = await daemon.EventAsync("service.status", "script");
        Assert.Equal("half of it", status.Data().GetProperty("text").GetString());
        Assert.Equal(50, status.Data().GetProperty("fields").GetProperty("left").GetInt32());
        Assert.Equal("degraded", (await daemon.RunningAsync("script")).Health());
    }

    [Fact]
    public async Task A_flood_of_texts_becomes_few_events()
    {
        await using var daemon = new Daemon("""
            [services.script]
            ready = "status"
            status_events = "1h"
            command = '''
              i=0; while [ $i -lt 40 ]; do i=$((i+1)); systemd-notify "STATUS=text $i"; done
              systemd-notify --ready; exec sleep 1000
            '''
            """);
        await daemon.UpAsync();
        await daemon.ServiceAsync("script", s => s.StatusText() == "text 40", "the last text");
        Assert.Single(await daemon.EventsAsync("--service", "script"), e => e.Kind() == "service.status");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--no-block")] // its end is known before anybody has read what it said
    public async Task A_program_that_forks_and_ends_names_its_child_as_the_main_process(string option)
    {
        await using var daemon = new Daemon($"""
            [services.forking]
            ready = "status"
            command = 'sleep 1000 & systemd-notify {option} --ready "MAINPID=$!"'
            """);
        await daemon.UpAsync();
        var change = await daemon.EventAsync("service.main_pid", "forking");
        var pid = change.Data().GetProperty("pid").GetInt32();
        var service = await daemon.ServiceAsync("forking", s => s.Pid() == pid && s.State() == "running", "running with its child");
        await Processes.GoneAsync(change.Data().GetProperty("before").GetInt32());
        Assert.Equal(1, service.Generation());

        Processes.Kill(daemon.MonitorPid);
        await daemon.EventAsync("service.adopted", "forking");
        Assert.Equal((pid, 1), ((await daemon.RunningAsync("forking")).Pid(), (await daemon.RunningAsync("forking")).Generation()));
        (await daemon.RunAsync("kill", "-s", "KILL", "forking")).MustSucceed();
        var died = await daemon.EventAsync("service.died", "forking", 1);
        Assert.Equal((pid, 9), (died.Data().GetProperty("pid").GetInt32(), died.Data().GetProperty("signal").GetInt32()));
        Assert.NotEqual(pid, (await daemon.RunningAsync("forking", 2)).Pid());
    }

    [Fact]
    public async Task A_server_that_becomes_another_user_by_itself_is_heard_and_others_of_that_user_are_not()
    {
        Assert.SkipUnless(Environment.UserName == "root", "Only root can become another user.");
        await using var daemon = new Daemon("""
            [services.server]
            ready = "status"
            notify_socket = "open"
            command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-c", "systemd-notify --ready --status='not root any more'; exec sleep 1000"]
            """);
        await Shell.RunAsync("chmod", ["a+X", daemon.Folder, daemon.RunFolder]);
        await daemon.UpAsync();
        await daemon.ServiceAsync("server", s => s.State() == "running" && s.StatusText() == "not root any more", "its word");
        var stranger = await Shell.RunAsync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", "systemd-notify", "STATUS=not me"],
            environment: new Dictionary<string, string> { ["NOTIFY_SOCKET"] = Path.Combine(daemon.RunFolder, "notify", "server") });
        // He got in, waited for no barrier, and was not believed.
        Assert.Equal((0, ""), (stranger.ExitCode, stranger.Errors));
        await Eventually.TrueAsync(
            () => Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "monitor.log")).Contains("of user 65534 does not belong to the service", StringComparison.Ordinal),
            "Nothing was said of the stranger.");
        Assert.Equal("not root any more", (await daemon.RunningAsync("server")).StatusText());
    }

    [Fact]
    public async Task A_process_of_somebody_else_does_not_become_the_main_one()
    {
        await using var daemon = new Daemon("""
            [services.other]
            command = ["sleep", "1000"]
            [services.liar]
            ready = "status"
            command = 'systemd-notify MAINPID=1; systemd-notify --ready; exec sleep 1000'
            """);
        await daemon.UpAsync();
        var liar = await daemon.RunningAsync("liar");
        Assert.NotEqual(1, liar.Pid());
        Assert.DoesNotContain(await daemon.EventsAsync(), e => e.Kind() == "service.main_pid");
        // Nor does anybody else speak for it.
        var socket = Path.Combine(daemon.RunFolder, "notify", "other");
        await Shell.RunAsync("systemd-notify", ["STATUS=not me"], environment: new Dictionary<string, string> { ["NOTIFY_SOCKET"] = socket });
        await Eventually.TrueAsync(
            () => Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "keeper.log")).Contains("does not belong to the service", StringComparison.Ordinal)
                || Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "monitor.log")).Contains("does not belong to the service", StringComparison.Ordinal),
            "Nothing was said of the stranger.");
    }

    [Fact]
    public async Task A_descriptor_in_safe_keeping_comes_back_after_every_death_until_the_service_is_stopped()
    {
        await using var daemon = Keeper(more: "");
        await daemon.UpAsync();
        await daemon.ServiceAsync("keeping", s => s.StatusText() == "0 given, , mine True, stored by 1", "the first life");
        (await daemon.RunAsync("kill", "-s", "KILL", "keeping")).MustSucceed();
        var kept = await daemon.ServiceAsync("keeping", s => s.StatusText() == "1 given, my memory, mine True, written by 1", "the second life");
        Assert.Equal(["my memory"], kept.GetProperty("stored").EnumerateArray().Select(name => name.GetString()));
        Processes.Kill(daemon.MonitorPid);
        await daemon.EventAsync("service.adopted", "keeping");
        (await daemon.RunAsync("restart", "keeping")).MustSucceed();
        await daemon.ServiceAsync("keeping", s => s.Generation() == 3 && s.StatusText() == "1 given, my memory, mine True, written by 1", "the third life");
        (await daemon.RunAsync("stop", "keeping")).MustSucceed();
        (await daemon.RunAsync("start", "keeping")).MustSucceed();
        await daemon.ServiceAsync("keeping", s => s.StatusText() == "0 given, , mine True, stored by 4", "a life after a stop");
    }

    [Theory]
    [InlineData("removed", "0 given, , mine True, stored by 2")]
    [InlineData("ended", "2 given, my memory:unpolled, mine True, written by 1")]
    [InlineData("flood", "32 given, my memory")]
    public async Task What_is_stored_is_removed_polled_and_bounded(string more, string second)
    {
        await using var daemon = Keeper(more);
        await daemon.UpAsync();
        (await daemon.RunAsync("kill", "-s", "KILL", "keeping")).MustSucceed();
        await daemon.ServiceAsync("keeping", s => s.Generation() == 2 && (s.StatusText() ?? "").StartsWith(second, StringComparison.Ordinal), second);
    }

    [Fact]
    public async Task More_time_lets_a_slow_start_be_slow()
    {
        await using var daemon = new Daemon("""
            [services.slow]
            ready = "status"
            ready_timeout = "2s"
            command = 'systemd-notify EXTEND_TIMEOUT_USEC=60000000; sleep 3; systemd-notify --ready; exec sleep 1000'
            """);
        await daemon.UpAsync();
        Assert.Equal(1, (await daemon.RunningAsync("slow")).Generation());
    }

    [Fact]
    public async Task A_service_that_says_it_is_hung_is_restarted()
    {
        await using var daemon = new Daemon("""
            [services.hung]
            ready = "status"
            command = 'systemd-notify --ready; [ $LIFELINE_GENERATION -gt 1 ] || systemd-notify WATCHDOG=trigger; exec sleep 1000'
            """);
        await daemon.UpAsync();
        Assert.True((await daemon.EventAsync("service.hung", "hung")).Data().GetProperty("told").GetBoolean());
        Assert.Equal("hung", (await daemon.EventAsync("service.died", "hung", 1)).Data().GetProperty("reason").GetString());
        await daemon.RunningAsync("hung", 2);
    }

    private static Daemon Keeper(string more) => new($$"""
        [services.keeping]
        ready = "status"
        command = [{{RoleStart.Command}}]
        env = { {{RoleStart.Variable}} = "keeping", {{Keeping.MoreVariable}} = "{{more}}" }
        """);
}
