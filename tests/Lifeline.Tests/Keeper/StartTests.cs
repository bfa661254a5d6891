using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class StartTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("keeper-start-").FullName;

    public void Dispose()
    {
        if (ProcFs.TryReadText(Path.Combine(root, "run", "keeper.pid")) is { } text && int.TryParse(text, out int pid) && PidFd.TryOpen(pid) is { } keeper)
        {
            using (keeper) KeeperProcessHandle.KillAndWait(keeper);
        }

        Directory.Delete(root, recursive: true);
    }

    [Theory]
    [InlineData(MonitorExitCode.WrongConfiguration, 2)]
    [InlineData(MonitorExitCode.CannotStart, 1)]
    public void A_monitor_that_cannot_start_ends_the_keeper(int monitorExit, int expected)
    {
        KeeperStartResult result = Start($"exit {monitorExit}", MonitorAtTest.Patience);

        Assert.Equal(expected, result.ExitCode);
        Assert.Equal("the monitor cannot start", result.Text);
    }

    [Fact]
    public async Task A_detached_start_returns_when_the_monitor_says_that_all_is_up()
    {
        string control = Path.Combine(root, "control");
        using UnixSocket listener = UnixSocket.Listen(control, UnixSocketType.SeqPacket);
        KeeperOptions options = Options(Environment.ProcessPath!, TestMonitor.Command, control);
        Task<KeeperStartResult> start = Task.Run(() => KeeperStarter.StartDetached(KeeperHouse.Executable, options, MonitorAtTest.Patience));
        Assert.True(Poller.IsReady(listener, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds));
        using MonitorAtTest monitor = new(listener.Accept(), null, connect: true);
        monitor.Link.Ready();
        monitor.Link.Settled(0, "3 services are up");

        Assert.Equal(new KeeperStartResult(0, "3 services are up", GoesOn: true), await start);
        monitor.Link.Finish(0);
        monitor.Exit(0);
        monitor.Expect<KeeperLostMessage>();
    }

    [Fact]
    public async Task A_detached_start_says_why_it_failed()
    {
        string control = Path.Combine(root, "control");
        using UnixSocket listener = UnixSocket.Listen(control, UnixSocketType.SeqPacket);
        KeeperOptions options = Options(Environment.ProcessPath!, TestMonitor.Command, control);
        Task<KeeperStartResult> start = Task.Run(() => KeeperStarter.StartDetached(KeeperHouse.Executable, options, MonitorAtTest.Patience));
        Assert.True(Poller.IsReady(listener, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds));
        using MonitorAtTest monitor = new(listener.Accept(), null, connect: true);
        monitor.Link.StartFailed(2, "lifeline.toml:3:1: unknown key 'comand'");
        monitor.Exit(MonitorExitCode.WrongConfiguration);

        Assert.Equal(new KeeperStartResult(2, "lifeline.toml:3:1: unknown key 'comand'"), await start);
    }

    [Fact]
    public void A_detached_start_that_takes_too_long_says_so_and_goes_on()
    {
        KeeperStartResult result = Start("sleep 100", TimeSpan.FromMilliseconds(300));

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("goes on in the background", result.Text, StringComparison.Ordinal);
        string run = Path.Combine(root, "run");
        SpinWait.SpinUntil(() => File.Exists(Path.Combine(run, "monitor.pid")), MonitorAtTest.Patience);
        using PidFd monitor = PidFd.Open(int.Parse(File.ReadAllText(Path.Combine(run, "monitor.pid"))));
        monitor.Signal(Signals.Kill);
    }

    [Fact]
    public void A_run_folder_that_others_can_write_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(root, "run"));
        File.SetUnixFileMode(Path.Combine(root, "run"), (UnixFileMode)0x1FF); // 777

        KeeperStartResult result = Start("exit 0", MonitorAtTest.Patience);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("can be written by others (mode 777)", result.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_survive_their_way_over_the_command_line()
    {
        KeeperOptions options = new()
        {
            RunDirectory = "/run/x", StateDirectory = "/var/lib/x", ConfigurationFile = "/etc/x.toml", HttpAddress = "127.0.0.1:1", Foreground = true,
            IdleLaunchers = 7, AliveTimeout = TimeSpan.FromSeconds(3), MonitorCommand = ["a", "b c"],
        };

        KeeperOptions parsed = KeeperOptions.Parse(options.ToArguments());

        Assert.Equal(options with { MonitorCommand = [] }, parsed with { MonitorCommand = [] });
        Assert.Equal(options.MonitorCommand, parsed.MonitorCommand);
        Assert.Throws<ArgumentException>(() => KeeperOptions.Parse(["--run-dir", "/x"]));
        Assert.Throws<ArgumentException>(() => KeeperOptions.Parse([.. options.ToArguments(), "--unknown", "1"]));
        Assert.Throws<ArgumentException>(() => KeeperOptions.Parse([.. options.ToArguments(), "--launchers", "1000"]));
    }

    private KeeperStartResult Start(string monitorScript, TimeSpan timeout) =>
        KeeperStarter.StartDetached(KeeperHouse.Executable, Options("/bin/sh", "-c", monitorScript), timeout);

    private KeeperOptions Options(params string[] monitor) => new()
    {
        RunDirectory = Path.Combine(root, "run"),
        StateDirectory = Path.Combine(root, "state"),
        MonitorCommand = monitor,
    };
}
