using System.Buffers.Binary;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Sessions;

/// <summary>Whatever a peer sends costs it its own session, with a reason, and touches nobody else.</summary>
public sealed class BadPeerTests
{
    private static readonly byte[] s_noise = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7))];

    public static TheoryData<string> Handshakes => ["garbage", "short", "one byte", "wrong kind", "future version", "small window", "truncated hello", "oversize", "wrong length", "descriptors"];

    [Theory]
    [MemberData(nameof(Handshakes))]
    public async Task A_bad_beginning_ends_with_a_reason(string what)
    {
        await using var home = new Home();
        using RawPeer peer = RawPeer.Connect(home.Path);
        SendHandshake(peer, what);
        string? reason = peer.ReadToEnd();
        Assert.NotNull(reason);
        await home.AssertGoodPeerWorksAsync();
    }

    public static TheoryData<string> Records =>
    [
        "garbage", "one byte", "unknown kind", "hello again", "unknown stub", "code 0", "code too large", "too many references given back",
        "references to an unknown stub", "reply to no call", "huge credit", "object beyond the data", "overlapping objects", "unknown object kind",
        "a stub that is not ours", "a ticket that was not sent", "descriptor missing", "descriptor twice", "too many objects", "data length negative",
        "control with objects", "beyond the window", "same call twice", "grant nobody asked for", "truncated ticket", "oversize",
    ];

    [Theory]
    [MemberData(nameof(Records))]
    public async Task A_bad_record_ends_that_session_only(string what)
    {
        await using var home = new Home();
        using RawPeer peer = RawPeer.Open(home.Path);
        using RawPeer neighbour = RawPeer.Open(home.Path);
        SendBad(peer, what);
        string? reason = peer.ReadToEnd();
        Assert.NotNull(reason);
        Assert.Contains("protocol violation", reason, StringComparison.Ordinal);
        neighbour.Send(new RecordHeader { Kind = RecordKind.Call, Id = 1, Target = 1, Code = 1 }, [1, 0, 0, 0]);
        Assert.Equal(2, BinaryPrimitives.ReadInt32LittleEndian(neighbour.Receive()!.Value.Data));
        await home.AssertGoodPeerWorksAsync();
    }

    [Fact]
    public async Task Random_records_never_harm_the_others()
    {
        await using var home = new Home();
        var random = new Random(20_261_129);
        for (int i = 0; i < 200; i++)
        {
            using RawPeer peer = RawPeer.Open(home.Path);
            for (int j = 0; j < 5; j++)
            {
                byte[] data = new byte[random.Next(200)];
                random.NextBytes(data);
                byte[] record = RawPeer.Record(new RecordHeader { Kind = (RecordKind)random.Next(16), Id = (ulong)random.Next(3), Target = (ulong)random.Next(3), Code = (uint)random.Next(3) }, data);
                if (random.Next(2) == 0)
                    record[random.Next(record.Length)] ^= (byte)(1 << random.Next(8));
                try
                {
                    peer.SendBytes(record);
                }
                catch (LinuxException)
                {
                    // Closed already.
                }
            }
        }

        await home.AssertGoodPeerWorksAsync();
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_closed_after_the_handshake_timeout()
    {
        await using var home = new Home(o => o.HandshakeTimeout = TimeSpan.FromMilliseconds(50));
        using RawPeer peer = RawPeer.Connect(home.Path);
        Assert.Contains(nameof(IpcEndpointOptions.HandshakeTimeout), peer.ReadToEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_says_nothing_is_given_up_after_the_handshake_timeout()
    {
        using var folder = new TemporaryFolder();
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.SeqPacket);
        await using var endpoint = new IpcEndpoint(new IpcEndpointOptions { HandshakeTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(IpcError.Timeout, (await Assert.ThrowsAsync<IpcException>(() => endpoint.ConnectAsync(folder.File("s")).Soon())).Error);
    }

    [Fact]
    public async Task A_listener_of_another_version_is_a_protocol_mismatch()
    {
        using var folder = new TemporaryFolder();
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.SeqPacket);
        await using var endpoint = new IpcEndpoint();
        Task<IpcSession> connecting = endpoint.ConnectAsync(folder.File("s"));
        using UnixSocket connection = listener.Accept();
        connection.Send(RawPeer.Record(new RecordHeader { Kind = RecordKind.HelloAck }, RawPeer.HelloBytes(min: 7, max: 9)));
        IpcException e = await Assert.ThrowsAsync<IpcException>(() => connecting.Soon());
        Assert.Equal(IpcError.ProtocolMismatch, e.Error);
        Assert.Contains("7 to 9", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_never_reads_is_closed_when_its_replies_pile_up()
    {
        byte[] large = new byte[200_000];
        await using var home = new Home(o => o.OutboxBytes = 256 << 10, (_, _, reply, _) => reply.WriteBuffer(large));
        using RawPeer peer = RawPeer.Open(home.Path);
        // One that does not read gets so many replies begun, then no more.
        for (ulong i = 1; i <= 40; i++)
            peer.Send(new RecordHeader { Kind = RecordKind.Call, Id = i, Target = 1, Code = 1 });
        await home.AssertGoodPeerWorksAsync();
        // Reading again, it gets them all.
        for (int i = 0; i < 40;)
        {
            if (peer.Receive()!.Value.Header.Kind == RecordKind.Reply)
                i++;
        }
    }

    private static void SendHandshake(RawPeer peer, string what)
    {
        var hello = new RecordHeader { Kind = RecordKind.Hello };
        switch (what)
        {
            case "garbage":
                peer.SendBytes(s_noise);
                break;
            case "short":
                peer.SendBytes(RawPeer.Record(hello, RawPeer.HelloBytes())[..20]);
                break;
            case "one byte":
                peer.SendBytes([1]);
                break;
            case "wrong kind":
                peer.Send(new RecordHeader { Kind = RecordKind.Call, Target = 1, Code = 1 });
                break;
            case "future version":
                peer.Send(hello, RawPeer.HelloBytes(min: 2, max: 3));
                break;
            case "small window":
                peer.Send(hello, RawPeer.HelloBytes(windowBytes: 10));
                break;
            case "truncated hello":
                peer.Send(hello, RawPeer.HelloBytes().AsSpan(0, 12));
                break;
            case "oversize":
                peer.SendBytes(new byte[RecordHeader.MaxRecordSize + 100]);
                break;
            case "wrong length":
                byte[] record = RawPeer.Record(hello, RawPeer.HelloBytes());
                peer.SendBytes([.. record, 0, 0]);
                break;
            default:
                peer.SendBytes(RawPeer.Record(hello, RawPeer.HelloBytes()), peer.Socket);
                break;
        }
    }

    private static void SendBad(RawPeer peer, string what)
    {
        var call = new RecordHeader { Kind = RecordKind.Call, Id = 1, Target = 1, Code = 1 };
        switch (what)
        {
            case "garbage":
                peer.SendBytes(s_noise);
                break;
            case "one byte":
                peer.SendBytes([0]);
                break;
            case "unknown kind":
                peer.Send(new RecordHeader { Kind = (RecordKind)99 });
                break;
            case "hello again":
                peer.Send(new RecordHeader { Kind = RecordKind.Hello }, RawPeer.HelloBytes());
                break;
            case "unknown stub":
                peer.Send(call with { Target = 77 });
                break;
            case "code 0":
                peer.Send(call with { Code = 0 });
                break;
            case "code too large":
                peer.Send(call with { Code = 0x0100_0000 });
                break;
            case "too many references given back":
                peer.Send(new RecordHeader { Kind = RecordKind.Release, Target = 1, Id = 2 });
                break;
            case "references to an unknown stub":
                peer.Send(new RecordHeader { Kind = RecordKind.Release, Target = 55, Id = 1 });
                break;
            case "reply to no call":
                peer.Send(new RecordHeader { Kind = RecordKind.Reply, Id = 1 });
                break;
            case "huge credit":
                peer.Send(new RecordHeader { Kind = RecordKind.Credit, Id = ulong.MaxValue, Target = ulong.MaxValue });
                break;
            case "object beyond the data":
                SendObjects(peer, 20, (0, 1, 1));
                break;
            case "overlapping objects":
                SendObjects(peer, 60, (0, 0, 0), (8, 0, 0));
                break;
            case "unknown object kind":
                SendObjects(peer, 24, (0, 12, 0));
                break;
            case "a stub that is not ours":
                SendObjects(peer, 24, (0, 2, 40));
                break;
            case "a ticket that was not sent":
                SendObjects(peer, 24, (0, 4, 1));
                break;
            case "descriptor missing":
                SendObjects(peer, 24, (0, 3, 0));
                break;
            case "descriptor twice":
                SendObjects(peer, 48, (0, 3, 0), (24, 3, 0));
                break;
            default:
                SendBadSizes(peer, what, call);
                break;
        }
    }

    private static void SendBadSizes(RawPeer peer, string what, RecordHeader call)
    {
        byte[] record = RawPeer.Record(call, new byte[24]);
        switch (what)
        {
            case "too many objects":
                BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), ushort.MaxValue);
                peer.SendBytes(record);
                break;
            case "data length negative":
                BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(12), -4);
                peer.SendBytes(record);
                break;
            case "control with objects":
                peer.SendBytes(RawPeer.Record(new RecordHeader { Kind = RecordKind.Cancel, Id = 1 }, []), peer.Socket);
                break;
            case "beyond the window":
                for (ulong i = 1; i <= Home.Window + 1; i++)
                    peer.Send(call with { Id = i, Code = Home.HangCode });
                break;
            case "same call twice":
                peer.Send(call with { Code = Home.HangCode });
                peer.Send(call with { Code = Home.HangCode });
                break;
            case "grant nobody asked for":
                peer.Send(new RecordHeader { Kind = RecordKind.TicketGrant, Id = 9 });
                break;
            case "truncated ticket":
                peer.Send(new RecordHeader { Kind = RecordKind.Ticket, Id = 1 }, new byte[20]);
                break;
            case "oversize":
                peer.SendBytes(new byte[RecordHeader.MaxRecordSize + 1]);
                break;
            default:
                Assert.Fail($"no such case: {what}");
                break;
        }
    }

    private static void SendObjects(RawPeer peer, int dataLength, params (int Offset, int Kind, ulong Value)[] objects)
    {
        var header = new RecordHeader { Kind = RecordKind.Call, Id = 1, Target = 1, Code = 1, ObjectCount = (ushort)objects.Length, DataLength = dataLength };
        byte[] record = new byte[header.RecordLength];
        header.Write(record);
        Span<byte> table = record.AsSpan(RecordHeader.Size);
        Span<byte> data = table[(4 * objects.Length)..];
        for (int i = 0; i < objects.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(table[(4 * i)..], objects[i].Offset);
            Span<byte> slot = data[objects[i].Offset..];
            BinaryPrimitives.WriteInt32LittleEndian(slot, objects[i].Kind);
            BinaryPrimitives.WriteUInt64LittleEndian(slot[8..], objects[i].Value);
        }

        peer.SendBytes(record);
    }

    /// <summary>A listening endpoint whose root increments, or hangs.</summary>
    private sealed class Home : IAsyncDisposable
    {
        internal const ulong Window = 16;
        internal const uint HangCode = 9;

        private readonly TemporaryFolder _folder = new();
        private readonly IpcEndpoint _endpoint;
        private readonly IpcEndpoint _good = new();

        internal Home(Action<IpcEndpointOptions>? change = null, Action<uint, Parcel, Parcel, CallContext>? handler = null)
        {
            var options = new IpcEndpointOptions { InboxMessages = (int)Window };
            if (handler is not null)
                options.InboxMessages = 100;
            change?.Invoke(options);
            _endpoint = new IpcEndpoint(options);
            _endpoint.Listen(Path, Stubs.OfAsync(async (code, data, reply, context) =>
            {
                if (code == HangCode)
                    await Task.Delay(-1, context.Cancelled);
                else if (handler is not null && context.Session!.Peer.Pid == 0)
                    return;
                else if (handler is not null && data.DataSize == 0)
                    handler(code, data, reply, context);
                else
                    reply.WriteInt32(data.ReadInt32() + 1);
            }));
        }

        internal string Path => _folder.File("s");

        internal async Task AssertGoodPeerWorksAsync()
        {
            IpcSession session = await _good.ConnectAsync(Path).Soon();
            Assert.Equal(2, await session.Root.CallIntAsync(1, 1));
            session.Close("done");
        }

        public async ValueTask DisposeAsync()
        {
            await _good.DisposeAsync();
            await _endpoint.DisposeAsync();
            _folder.Dispose();
        }
    }
}
