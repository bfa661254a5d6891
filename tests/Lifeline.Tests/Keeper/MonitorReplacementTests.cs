using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class MonitorReplacementTests
{
    [Fact]
    public void The_next_monitor_gets_everything_that_the_dead_one_had()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        Assert.Equal(1, first.Link.State.MonitorStarts);
        using Descriptor file = Descriptor.Open(Path.Combine(house.Root, "kept"), OpenFlags.ReadWrite | OpenFlags.Create);
        first.Link.Put("kept", file);
        first.Link.Put("dropped", file);
        first.Link.Drop("dropped");
        LaunchedMessage launched = first.Launch(house.Shell("living", 3, "exec sleep 100"));
        house.Track(launched.Pid);
        first.Launch(house.Shell("dead", 8, "exit 5"));
        ExitedMessage exited = first.Expect<ExitedMessage>();

        first.Kill();
        MonitorAtTest second = house.NextMonitor();
        KeeperState state = second.Link.State;

        Assert.Equal(2, state.MonitorStarts);
        Assert.Equal(house.Keeper.Id, state.KeeperPid);
        Assert.False(state.StopRequested);
        Assert.Equal(new KeeperProcess("living", 3, launched.Pid, launched.StartTime, launched.ExecAtNanoseconds), Assert.Single(state.Processes));
        Assert.Equal(exited, Assert.Single(state.Exits));
        Assert.Equal(["kept"], state.Descriptors);
        Assert.Equal(3, state.LastGenerations["living"]);
        Assert.Equal(8, state.LastGenerations["dead"]);
        using Descriptor? kept = second.Link.Duplicate("kept");
        Assert.Equal(file.Stat().Inode, kept!.Stat().Inode);
        Assert.True(KeeperHouse.IsAlive(launched.Pid));
        Assert.True(second.Link.Signal("living", 3, Signals.Terminate));
        Assert.Equal(Signals.Terminate, second.Expect<ExitedMessage>().Status?.Signal);
    }

    [Fact]
    public void An_exit_is_told_to_each_monitor_until_it_is_acknowledged()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        first.Launch(house.Shell("a", 1, "exit 5"));
        first.Expect<ExitedMessage>();
        first.Kill();
        MonitorAtTest second = house.NextMonitor();
        Assert.Equal(5, Assert.Single(second.Link.State.Exits).Status?.ExitCode);

        second.Link.Acknowledge("a", 1);
        second.Launch(house.Shell("b", 1, "exit 6")); // comes after the acknowledgement
        second.Kill();
        MonitorAtTest third = house.NextMonitor();

        Assert.DoesNotContain(third.Link.State.Exits, exit => exit.Slot == "a");
    }

    [Fact]
    public void An_exit_while_there_is_no_monitor_reaches_the_next_one()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        string gate = Path.Combine(house.Root, "gate");
        LaunchedMessage launched = first.Launch(house.Shell("a", 1, $"until [ -e {gate} ]; do sleep 0.05; done; exit 9"));
        first.Kill();
        File.WriteAllText(gate, "");

        MonitorAtTest second = house.NextMonitor();
        ExitedMessage exited = second.Link.State.Exits.Count > 0 ? second.Link.State.Exits[0] : second.Expect<ExitedMessage>();

        Assert.Equal((launched.Pid, 9), (exited.Pid, exited.Status?.ExitCode));
    }

    [Fact]
    public void A_monitor_that_gives_no_sign_of_life_is_killed_and_replaced()
    {
        using KeeperHouse house = new("--alive-timeout-ms", "1500");
        MonitorAtTest silent = house.NextMonitor();
        silent.Link.Ready();

        MonitorAtTest next = house.NextMonitor();

        Assert.NotEqual(silent.Pid, next.Pid);
        KeeperHouse.WaitGone(silent.Pid);
    }

    [Fact]
    public void A_monitor_that_gives_signs_of_life_stays()
    {
        using KeeperHouse house = new("--alive-timeout-ms", "1500");
        MonitorAtTest monitor = house.NextMonitor();
        // To the end of the test: on a busy machine a launch may take longer than the limit.
        using Timer beats = new(_ => monitor.Link.ReportAlive(), null, 0, 100);
        using EventFd never = EventFd.Create();
        Poller.IsReady(never, PollEvents.In, 3000);

        Assert.True(KeeperHouse.IsAlive(monitor.Pid));
        monitor.Launch(house.Shell("a", 1, "exit 0"));
    }

    [Fact]
    public void A_monitor_that_closes_its_link_and_lives_on_is_killed_and_replaced()
    {
        using KeeperHouse house = new();
        MonitorAtTest stubborn = house.NextMonitor();
        stubborn.CloseLink();

        house.NextMonitor();

        KeeperHouse.WaitGone(stubborn.Pid);
    }

    [Fact]
    public void Orders_that_a_monitor_gave_just_before_its_death_are_carried_out()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        house.Signal(19); // SIGSTOP: the keeper reads neither the order nor the death
        first.Link.Launch(house.Shell("a", 1, "exit 5"));
        first.Kill();
        house.Signal(18); // SIGCONT

        MonitorAtTest second = house.NextMonitor();
        ExitedMessage exited = second.Link.State.Exits.Count > 0 ? second.Link.State.Exits[0] : second.Expect<ExitedMessage>();

        Assert.Equal(("a", 1, 5), (exited.Slot, exited.Generation, exited.Status?.ExitCode));
    }

    [Fact]
    public void A_launch_in_progress_is_handed_over_and_its_outcome_follows()
    {
        using KeeperHouse house = new();
        MonitorAtTest first = house.NextMonitor();
        string join = MakePipe(house, "join");
        long id = first.Link.Launch(house.Shell("a", 1, "exit 0") with { ControlGroupJoinFiles = [join] }); // the launcher waits for a reader
        first.Launch(house.Shell("b", 1, "exit 0")); // the keeper has read both
        first.Kill();
        MonitorAtTest second = house.NextMonitor();

        Assert.Equal(new PendingLaunch(id, "a", 1), Assert.Single(second.Link.State.Launches));
        using Descriptor reader = Descriptor.Open(join, OpenFlags.Read);
        Assert.Equal(id, second.Expect<LaunchedMessage>().RequestId);
    }

    [Fact]
    public void Messages_a_keeper_does_not_know_are_answered_if_they_ask_for_it_and_garbage_is_left_out()
    {
        using KeeperHouse house = new();
        MonitorAtTest monitor = house.NextMonitor(connect: false);
        byte[] frame = new byte[64];
        monitor.Socket.Send(new byte[] { 1, 2, 3 });
        monitor.Socket.Send(new FrameWriter(frame, (KeeperMessageKind)200).Written);
        monitor.Socket.Send(new FrameWriter(frame, KeeperMessageKind.Launch).Written);
        monitor.Socket.Send(new FrameWriter(frame, KeeperMessageKind.PutDescriptor).Written);
        FrameWriter longName = new(frame, KeeperMessageKind.DropDescriptor);
        longName.Int32(int.MaxValue);
        monitor.Socket.Send(longName.Written);
        monitor.Socket.Send(new FrameWriter(frame, (KeeperMessageKind)201, requestId: 77, FrameFlags.AnswerIfUnknown).Written);

        byte[] buffer = new byte[KeeperProtocol.MaxMessage];
        while (true)
        {
            Assert.True(Poller.IsReady(monitor.Socket, PollEvents.In, (int)MonitorAtTest.Patience.TotalMilliseconds));
            ReceivedMessage message = monitor.Socket.Receive(buffer);
            Assert.False(message.EndOfStream);
            foreach (Descriptor descriptor in message.Descriptors) descriptor.Dispose();
            FrameReader reader = new(buffer.AsSpan(0, message.Length));
            if (reader.Kind != KeeperMessageKind.NotUnderstood) continue;
            Assert.Equal(77, reader.RequestId);
            Assert.Equal(201, reader.Int32());
            return;
        }
    }

    private static string MakePipe(KeeperHouse house, string name)
    {
        string path = Path.Combine(house.Root, name);
        using System.Diagnostics.Process make = System.Diagnostics.Process.Start("mkfifo", [path]);
        make.WaitForExit();
        return path;
    }
}
