using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Tests.Keeper;

public sealed class WireTests
{
    [Fact]
    public void A_launch_arrives_as_it_was_ordered()
    {
        LaunchJob job = new()
        {
            Slot = "orders.1",
            Generation = 12,
            Arguments = ["dotnet", "Örders.dll", ""],
            Environment = [new("A", "b=c"), new("EMPTY", "")],
            PidVariables = ["LISTEN_PID"],
            WorkingDirectory = "/srv",
            ControlGroupJoinFiles = ["/sys/fs/cgroup/x/cgroup.procs"],
            Umask = 18,
            Nice = -3,
            Limits = [new LaunchLimit(ResourceLimit.Descriptors, 10, ulong.MaxValue)],
            Identity = new LaunchIdentity(uint.MaxValue - 2, 7, [1, 2]),
            StandardOutput = "out",
            Descriptors = [new LaunchDescriptor("http", 3)],
        };
        byte[] buffer = new byte[KeeperProtocol.MaxMessage];

        FrameReader reader = new(buffer.AsSpan(0, LaunchJobCodec.Encode(job, 99, buffer)));
        Assert.Equal((KeeperMessageKind.Launch, 99L), (reader.Kind, reader.RequestId));
        Assert.Equal(("orders.1", 12), (reader.Text(), reader.Int32()));
        LauncherOrder order = LaunchJobCodec.DecodeOrder(ref reader);

        Assert.Equal([1, 3], order.Targets);
        Assert.Equal(job.Arguments, order.Arguments);
        Assert.Equal(["A=b=c", "EMPTY="], order.Environment);
        Assert.Equal(job.PidVariables, order.PidVariables);
        Assert.Equal("/srv", order.WorkingDirectory);
        Assert.Equal(job.ControlGroupJoinFiles, order.ControlGroupJoinFiles);
        Assert.Equal((18, -3), (order.Umask, order.Nice));
        Assert.Equal(job.Limits, order.Limits);
        Assert.Equal((uint.MaxValue - 2, 7u), (order.Identity!.Uid, order.Identity.Gid));
        Assert.Equal([1u, 2u], order.Identity.Groups);
    }

    [Fact]
    public void What_a_newer_peer_adds_behind_the_known_fields_is_ignored()
    {
        byte[] buffer = new byte[256];
        FrameWriter writer = new(buffer, KeeperMessageKind.LaunchInProgress, 5);
        writer.Name("a");
        writer.Int32(2);
        writer.Text("/group");
        writer.Text("something new");
        using KeeperMirror mirror = new() { Greeting = new KeeperGreeting(99, 1, 1, false, false) };

        Assert.Null(LinkInbox.Apply(writer.Written, [], mirror, out _));

        Assert.Equal(new PendingLaunch(5, "a", 2) { Group = "/group" }, Assert.Single(mirror.ToState().Launches));
        Assert.Null(LinkInbox.Apply(new FrameWriter(buffer, (KeeperMessageKind)63).Written, [], mirror, out _));
    }

    [Fact]
    public void Every_cut_of_a_message_is_a_clear_error()
    {
        byte[] buffer = new byte[256];
        FrameWriter writer = new(buffer, KeeperMessageKind.Exited);
        writer.Name("slot");
        writer.Int32(1);
        writer.Int32(2);
        ExitStatusCodec.Write(ref writer, new ExitStatus(null, 11, true));
        writer.Int64(3);
        byte[] whole = writer.Written.ToArray();
        using KeeperMirror mirror = new();

        for (int length = 0; length < whole.Length; length++)
            Assert.Throws<KeeperProtocolException>(() => LinkInbox.Apply(whole.AsSpan(0, length), [], mirror, out _));

        Assert.Equal(new ExitedMessage("slot", 1, 2, new ExitStatus(null, 11, true), 3), LinkInbox.Apply(whole, [], mirror, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(KeeperProtocol.MaxNameBytes + 1)]
    public void A_name_outside_its_limit_is_refused(int length)
    {
        KeeperProtocolException error = Assert.Throws<KeeperProtocolException>(
            () => new FrameWriter(new byte[512], KeeperMessageKind.DropDescriptor).Name(new string('n', length)));

        Assert.Contains($"1 to {KeeperProtocol.MaxNameBytes} bytes are allowed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Restart_delays_double_from_nothing_up_to_their_limit()
    {
        long[] delays = [.. Enumerable.Range(0, 9).Select(RestartDelay.Nanoseconds).Select(delay => delay / 1_000_000)];

        Assert.Equal([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000], delays);
    }

    [Fact]
    public void Kinds_have_different_numbers()
    {
        KeeperMessageKind[] kinds = Enum.GetValues<KeeperMessageKind>();

        Assert.Equal(kinds.Length, kinds.Select(kind => (int)kind).Distinct().Count());
    }

    [Fact]
    public void The_table_of_descriptors_keeps_the_last_of_each_name()
    {
        using DescriptorTable table = new();
        foreach (string name in (string[])["a", "b", "c", "b"]) table.Put(name, Descriptor.Open("/dev/null", OpenFlags.Read));
        table.Drop("a");
        table.Drop("unknown");

        Assert.Equal(["b", "c"], Enumerable.Range(0, table.Count).Select(i => table[i].Name).Order());
        Assert.NotNull(table.Find("c"));
        Assert.Null(table.Find("a"));
    }

    [Fact]
    public void The_outcome_of_a_start_is_read_as_it_was_told()
    {
        Assert.Equal(new KeeperStartResult(2, "line 1\nline 2"), NotifyPipe.Parse("2\nline 1\nline 2"u8));
        Assert.Equal(new KeeperStartResult(1, "a failed", GoesOn: true), NotifyPipe.Parse("1+\na failed"u8));
        Assert.Null(NotifyPipe.Parse("+\n"u8));
        Assert.Null(NotifyPipe.Parse(""u8));
        Assert.Null(NotifyPipe.Parse("x\n"u8));
    }
}
