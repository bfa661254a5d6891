using Lifeline.Contracts;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.Ipc;

namespace Lifeline.EndToEnd.Tests.Launches;

/// <summary>Another program in the place of the one that runs.</summary>
public sealed class UpgradeTests
{
    private const string Sleeper = """
        [monitor]
        http = "off"
        [services.a]
        command = "exec sleep 1000"
        """;

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

    [Theory]
    [InlineData("#!/bin/sh\necho something 9.9.9", "no Lifeline")]
    [InlineData("#!/bin/sh\necho lifeline of a kind", "no Lifeline")]
    [InlineData("#!/bin/sh\necho lifeline 0.0.1", "version 0.0.1 is older")]
    [InlineData("#!/bin/sh\necho lifeline 9.9.9; exit 3", "exited with 3")]
    [InlineData("\0ELF of another machine", "was tried and is not used")]
    [InlineData("#!/no/such/interpreter", "was tried and is not used")]
    [InlineData(null, "was tried and is not used")]
    public async Task A_program_that_is_no_lifeline_is_older_or_cannot_run_is_refused_and_nothing_happens(string? program, string because)
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var (keeper, monitor, service) = (daemon.KeeperPid, daemon.MonitorPid, (await daemon.RunningAsync("a")).Pid());
        var path = Path.Combine(daemon.Folder, "next");
        if (program is not null)
        {
            await File.WriteAllTextAsync(path, program);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        var refused = await Assert.ThrowsAsync<IpcException>(() => UpgradeToAsync(daemon, [path]));

        Assert.Equal(IpcError.CheckParam, refused.Error);
        Assert.Contains(because, refused.Message, StringComparison.Ordinal);
        Assert.Equal((keeper, monitor, service), (daemon.KeeperPid, daemon.MonitorPid, (await daemon.RunningAsync("a")).Pid()));
    }

    [Fact]
    public async Task A_program_that_says_it_is_one_and_does_not_serve_is_left_again_and_no_service_notices()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();
        var (keeper, monitor, service) = (daemon.KeeperPid, daemon.MonitorPid, (await daemon.RunningAsync("a")).Pid());
        var path = Path.Combine(daemon.Folder, "next");
        await File.WriteAllTextAsync(path, $"#!/bin/sh\n[ \"$1\" != --version ] || echo lifeline 99.0.0\n[ \"$1\" = --version ] || echo tried >> {daemon.Folder}/tried");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        await UpgradeToAsync(daemon, [path]);

        await Eventually.TrueAsync(() => daemon.MonitorPid is var now && now != 0 && now != monitor && Processes.IsAlive(now) && File.Exists(Path.Combine(daemon.Folder, "tried")), "no other monitor came");
        Assert.Equal((keeper, service), (daemon.KeeperPid, (await daemon.RunningAsync("a")).Pid()));
        Assert.Contains("going back to", Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "keeper.log")), StringComparison.Ordinal);

        // The launchers too are those of the program that works.
        Processes.Kill(service);
        await daemon.RunningAsync("a", atLeastGeneration: 2);
    }

    [Fact]
    public async Task The_command_takes_no_argument()
    {
        await using var daemon = new Daemon(Sleeper);
        await daemon.UpAsync();

        var refused = await daemon.RunAsync("upgrade", "extra");

        Assert.Equal(2, refused.ExitCode);
    }

    private static async Task UpgradeToAsync(Daemon daemon, string[] program)
    {
        await using var endpoint = new IpcEndpoint();
        var session = await endpoint.ConnectAsync(Path.Combine(daemon.RunFolder, "ipc.sock"));
        await new MonitorAdminProxy(await new RegistryClient(session.Root).GetAsync(ServiceMonitorCodes.RegistryName)).UpgradeAsync(program);
    }
}
