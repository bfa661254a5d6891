using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Another program in the place of the one that runs.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public async Task The_services_go_on_no_line_is_lost_and_the_keeper_keeps_its_pid()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.01; done"
            [services.b]
            command = "exec sleep 1000"
            """);
        await daemon.UpAsync();
        var (a, b) = ((await daemon.RunningAsync("a")).Pid(), (await daemon.RunningAsync("b")).Pid());
        var (keeper, monitor) = (daemon.KeeperPid, daemon.MonitorPid);
        var copy = Path.Combine(daemon.Folder, "next");
        (await Shell.RunAsync("cp", ["-r", Path.GetDirectoryName(Places.Executable)!, copy])).MustSucceed();
        var next = Path.Combine(copy, Path.GetFileName(Places.Executable));

        (await Shell.RunAsync(next, ["upgrade", "--run-dir", daemon.RunFolder, "--state-dir", daemon.StateFolder])).MustSucceed();

        Assert.Equal(keeper, daemon.KeeperPid);
        Assert.NotEqual(monitor, daemon.MonitorPid);
        foreach (var pid in (int[])[keeper, daemon.MonitorPid])
            Assert.Equal(next, File.ResolveLinkTarget($"/proc/{pid}/exe", false)!.FullName);
        Assert.Equal(a, (await daemon.RunningAsync("a")).Pid());
        Assert.Equal(b, (await daemon.RunningAsync("b")).Pid());

        // Deaths are seen as before, with their exit codes, and the launchers are those of the next program.
        Processes.Kill(b);
        await daemon.RunningAsync("b", atLeastGeneration: 2);
        Assert.Equal(9, (await daemon.EventAsync("service.died", "b", 1)).Data().GetProperty("signal").GetInt32());
        (await daemon.RunAsync("stop", "a")).MustSucceed();
        var lines = (await daemon.RunAsync("logs", "a", "-n", "100000")).MustSucceed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line.Split(' ').Last())).ToArray();
        Assert.Equal(Enumerable.Range(1, lines.Length), lines);
    }

    [Fact]
    public async Task A_program_that_is_no_lifeline_is_refused()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "off"
            [services.a]
            command = "exec sleep 1000"
            """);
        await daemon.UpAsync();

        var refused = await daemon.RunAsync("upgrade", "extra");

        Assert.Equal(2, refused.ExitCode);
    }
}
