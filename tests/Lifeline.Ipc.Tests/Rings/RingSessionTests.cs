using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>When sessions use rings, and what peers can do to them through the memory.</summary>
public sealed class RingSessionTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 12)];

    [Theory]
    [InlineData(0, 256 << 10, 1 << 20, false)]
    [InlineData(256 << 10, 0, 1 << 20, false)]
    [InlineData(256 << 10, 4096, 128 << 10, false)]
    [InlineData(4096, 256 << 10, 4096, true)]
    public async Task Rings_are_used_if_both_sides_want_them_and_the_socket_otherwise(int client, int server, int accepted, bool expected)
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { RingBytes = server, MaxRingBytes = accepted });
        await using var guest = new IpcEndpoint(new IpcEndpointOptions { RingBytes = client });
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        IpcSession session = await guest.ConnectAsync(path).Soon();
        Assert.Equal(expected, session.UsesRings);
        Assert.Equal(8, session.Root.CallInt(1, 7));
        Assert.Equal(9, await session.Root.CallIntAsync(1, 8));
    }

    [Theory]
    [InlineData("unsealed")]
    [InlineData("too small")]
    [InlineData("no memory")]
    [InlineData("nothing")]
    public async Task An_offer_that_is_not_in_order_leaves_the_session_on_the_socket(string offer)
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using var peer = RawRingPeer.Connect(path, offer);
        Assert.False(peer.IsAccepted);
        peer.Raw.Send(RawRingPeer.CallHeader(1), BitConverter.GetBytes(5));
        Assert.Equal(BitConverter.GetBytes(6), peer.Raw.Receive()!.Value.Data);
    }

    [Fact]
    public async Task A_raw_peer_can_speak_the_protocol_as_it_is_written_down()
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        using var peer = RawRingPeer.Connect(path);
        Assert.True(peer.IsAccepted);
        for (int i = 0; i < 5; i++)
        {
            peer.Send(RawRingPeer.CallHeader((ulong)i + 1), BitConverter.GetBytes(i));
            Assert.Equal(BitConverter.GetBytes(i + 1), peer.Receive().Data);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_peer_that_scribbles_loses_its_own_session_at_most(int seed)
    {
        await using var home = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Increment());
        await using var guest = new IpcEndpoint();
        IpcSession good = await guest.ConnectAsync(path).Soon();
        using (var peer = RawRingPeer.Connect(path))
        {
            peer.Send(RawRingPeer.CallHeader(1), BitConverter.GetBytes(1));
            peer.Receive();
            IpcSession bad = home.Sessions.Single(s => s.PeerEndpoint == RawRingPeer.Endpoint);
            Task scribbling = Task.Run(() => peer.Scribble(new Random(seed), () => bad.IsClosed));
            for (int i = 0; i < 300; i++)
                Assert.Equal(i + 1, good.Root.CallInt(1, i));
            await scribbling.Soon();
            await bad.Closed.Soon();
            Assert.Contains("protocol violation", bad.CloseReason, StringComparison.Ordinal);
        }

        Assert.Equal(2, good.Root.CallInt(1, 1));
        Assert.False(good.IsClosed);
    }

    [Fact]
    public async Task A_peer_that_never_reads_costs_the_others_nothing()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { OutboxBytes = 256 << 10 });
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, Stubs.Of((code, data, reply, _) => reply.WriteBytes(new byte[code == 2 ? 100_000 : 4])));
        using var peer = RawRingPeer.Connect(path);
        for (ulong i = 1; i <= 90; i++)
            peer.Send(RawRingPeer.CallHeader(i) with { Code = 2 }, []);
        await using var guest = new IpcEndpoint();
        IpcSession good = await guest.ConnectAsync(path).Soon();
        using var empty = new Parcel();
        for (int i = 0; i < 20; i++)
            good.Root.Call(1, empty).Dispose();
        Assert.Contains(home.Sessions, s => s.PeerEndpoint == RawRingPeer.Endpoint);
    }

    [Fact]
    public async Task A_flood_into_a_small_ring_arrives_whole_and_in_order()
    {
        const int count = 3000;
        var seen = new List<int>();
        var done = new Signal();
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            Stubs.Of((_, data, _, _) =>
            {
                seen.Add(data.ReadInt32());
                if (seen.Count == count)
                    done.SetResult();
            }),
            client => client.RingBytes = 4096);
        var random = new Random(5);
        for (int i = 0; i < count; i++)
        {
            using Parcel data = Stubs.Int(i);
            data.WriteBytes(new byte[random.Next(20) == 0 ? random.Next(100_000) : random.Next(100)]);
            await pair.Root.PostAsync(1, data, Deadline.Limit);
        }

        await done.Task.Soon();
        Assert.Equal(Enumerable.Range(0, count), seen);
    }

    [Fact]
    public async Task Many_callers_of_one_session_get_their_own_replies()
    {
        await using IpcPair pair = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment());
        Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Factory.StartNew(
            () =>
            {
                for (int i = 0; i < 300; i++)
                    Assert.Equal((caller * 1000) + i + 1, pair.Root.CallInt(1, (caller * 1000) + i));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        await Task.WhenAll(callers).Soon();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(256 << 10)]
    public async Task What_a_killed_process_left_in_the_ring_is_handled_before_its_obituary(int ringBytes)
    {
        const int count = 600;
        await using var book = new GuestBook(o => o.MaxRingBytes = Math.Max(ringBytes, 4096));
        using OtherProcess guest = OtherProcess.Start("guest", book.Path, ringBytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
        (IpcProxy stub, _) = await book.NextAsync();
        Assert.Equal(ringBytes != 0, stub.Session.UsesRings);
        var seen = new List<int>();
        var told = new Signal<int>();
        stub.AddDeathRecipient(_ => told.SetResult(seen.Count));
        using Parcel data = Stubs.With(Stubs.Of((_, number, _, _) => seen.Add(number.ReadInt32())));
        data.WriteInt32(count);
        Assert.Equal(IpcError.DeadObject, (await stub.FailsAsync(OtherProgram.FloodAndDie, data)).Error);
        int handled = await told.Task.Soon();
        // Posting says "queued"; what waited inside the process for a full ring of 4096 bytes died with it.
        if (ringBytes != 4096)
            Assert.Equal(count, handled);
        Assert.Equal(Enumerable.Range(0, handled), seen);
    }

    [Fact]
    public void A_process_keeps_no_descriptor_of_the_memory()
    {
        using OtherProcess process = OtherProcess.Start("count-memory-files");
        Assert.Equal(0, process.Reap().ExitCode);
    }
}
