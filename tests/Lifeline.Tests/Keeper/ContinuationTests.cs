using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

/// <summary>Another program in the keeper's place.</summary>
public sealed class ContinuationTests : IDisposable
{
    private readonly KeeperHouse house = new();
    private readonly KeeperRestarter restarter;

    public ContinuationTests() => restarter = house.NewRestarter();

    public void Dispose()
    {
        house.Dispose();
        restarter.Dispose();
    }

    // The test executable cannot be copied alone: a link beside it is another path to the same program.
    private SelfCommand OtherProgram()
    {
        string link = Path.Combine(Path.GetDirectoryName(KeeperHouse.Executable.Path)!, $"lifeline-{Path.GetFileName(house.Root)}");
        File.Copy(KeeperHouse.Executable.Path, link);
        return new SelfCommand(link, []);
    }

    private MonitorAtTest GoOver(MonitorAtTest monitor, SelfCommand program)
    {
        monitor.Link.Upgrade(program);
        MonitorAtTest next = house.NextMonitor(restarter);
        next.Link.Ready();
        Assert.Equal(house.Keeper.Id, next.Expect<KeeperRestartedMessage>().KeeperPid);
        return next;
    }

    [Fact]
    public void The_keeper_keeps_its_pid_its_children_and_its_descriptors()
    {
        SelfCommand program = OtherProgram();
        try
        {
            MonitorAtTest monitor = house.NextMonitor();
            using (Descriptor file = Descriptor.Open(Path.Combine(house.Root, "kept"), OpenFlags.ReadWrite | OpenFlags.Create)) monitor.Link.Put("kept", file);
            LaunchedMessage living = monitor.Launch(house.Shell("a", 4, "trap 'exit 42' TERM; while :; do sleep 0.05; done"));
            house.Track(living.Pid);
            monitor.Launch(house.Shell("b", 1, "exit 3"));
            monitor.Expect<ExitedMessage>();

            MonitorAtTest next = GoOver(monitor, program);

            Assert.Equal(program.Path, File.ResolveLinkTarget($"/proc/{house.Keeper.Id}/exe", false)!.FullName);
            Assert.Equal(house.Keeper.Id, ProcFs.TryReadStat(living.Pid)!.Parent);
            Assert.Contains("occupied", next.FailToLaunch(house.Shell("a", 5, "exit 0")).Text, StringComparison.Ordinal);
            Assert.Contains("was used already", next.FailToLaunch(house.Shell("b", 1, "exit 0")).Text, StringComparison.Ordinal);
            Assert.NotEmpty(house.Run(next, house.Job("c", 1, "cat", "/proc/self/status")));
            Assert.True(next.Link.Signal("a", 4, Signals.Terminate));
            ExitedMessage exited = next.Expect<ExitedMessage>(exit => exit.Slot == "a");
            Assert.Equal(new ExitStatus(42, null, false), exited.Status); // a child still: no kernel forgets the exits of children
            string held = house.Run(next, house.Shell("d", 1, "readlink /proc/self/fd/5") with { Descriptors = [new LaunchDescriptor("kept", 5)] });
            Assert.Equal(Path.Combine(house.Root, "kept") + "\n", held);
        }
        finally
        {
            File.Delete(program.Path);
        }
    }

    [Fact]
    public void Orders_given_while_it_is_replaced_are_carried_out()
    {
        MonitorAtTest monitor = house.NextMonitor();
        monitor.Link.Upgrade(KeeperHouse.Executable);
        MonitorAtTest next = house.NextMonitor(restarter);
        next.Link.Ready();

        long[] launches = [.. Enumerable.Range(1, 20).Select(i => next.Link.Launch(house.Shell($"s{i}", 1, "exit 0")))];

        next.Expect<KeeperRestartedMessage>();
        foreach (long id in launches) next.Expect<LaunchedMessage>(launched => launched.RequestId == id);
    }

    [Fact]
    public void A_program_whose_monitor_does_not_come_to_serve_is_given_up()
    {
        MonitorAtTest monitor = house.NextMonitor();
        LaunchedMessage living = monitor.Launch(house.Shell("a", 1, "exec sleep 100"));
        house.Track(living.Pid);
        monitor.Link.Upgrade(new SelfCommand("/no/such/lifeline", []));

        house.NextMonitor().Exit(1);
        MonitorAtTest third = house.NextMonitor(restarter);
        third.Link.Ready();

        third.Launch(house.Shell("b", 1, "exit 0")); // from the launchers of the program as it was
        Assert.Equal(living.Pid, Assert.Single(third.Link.State.Processes).Pid);
        Assert.Contains("going back", File.ReadAllText(Path.Combine(house.Options.RunDirectory, "keeper.log")), StringComparison.Ordinal);
    }

    [Fact]
    public void Services_see_the_name_that_the_keeper_was_given_and_so_does_the_next_keeper()
    {
        MonitorAtTest monitor = house.NextMonitor(restarter);
        monitor.Link.Present("systemd");
        LaunchJob look = house.Shell("a", 1, "cat /proc/$PPID/comm");

        Assert.Equal("systemd\n", house.Run(monitor, look));
        house.Signal(Signals.Kill);
        monitor.Expect<KeeperRestartedMessage>();
        Assert.Equal("systemd\n", house.Run(monitor, look with { Slot = "b" }));
    }
}
