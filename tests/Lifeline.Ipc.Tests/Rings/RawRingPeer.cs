using System.Diagnostics;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Rings;

/// <summary>A peer that offers rings and then does with them what it wants.</summary>
internal sealed class RawRingPeer : IDisposable
{
    internal static readonly Guid Endpoint = Guid.NewGuid();

    private const int RingBytes = 64 << 10;
    private readonly byte[] _buffer = new byte[RecordHeader.MaxRecordSize + 1];
    private readonly RingMemory _memory;
    private readonly RingProducer _producer;
    private readonly RingConsumer _consumer;
    private ulong _lastCall;

    private RawRingPeer(RawPeer raw, RingMemory memory)
    {
        Raw = raw;
        _memory = memory;
        _producer = new RingProducer(memory.Lane(fromCreator: true));
        _consumer = new RingConsumer(memory.Lane(fromCreator: false));
    }

    internal RawPeer Raw { get; }

    internal bool IsAccepted { get; private set; }

    /// <summary>The number that it gives to each of its sessions.</summary>
    internal const ulong OwnNumber = 4711;

    /// <summary>The number that the other side has given to the session.</summary>
    internal ulong Number { get; private set; }

    /// <summary>A number for the next call.</summary>
    internal ulong NextCall() => ++_lastCall;

    internal static RecordHeader CallHeader(ulong id) => new() { Kind = RecordKind.Call, Id = id, Target = 1, Code = 1 };

    internal static RawRingPeer Connect(string path, string offer = "")
    {
        RingMemory memory = RingMemory.TryCreate(RingBytes, out MemoryFile? file, out string? why) ?? throw new InvalidOperationException(why);
        var peer = new RawRingPeer(RawPeer.Connect(path), memory);
        using (file)
        using (MemoryFile unsealed = MemoryFile.Create("t", file!.Size))
        using (Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite))
        {
            byte[] hello = new byte[Hello.Size];
            new Hello(Hello.Version, Hello.Version, Hello.RingsFeature | Hello.LookFeature, Endpoint, 100, 4 << 20, false, offer == "too small" ? RingBytes * 2u : RingBytes, Number: OwnNumber).Write(hello);
            Descriptor[] descriptors = offer switch
            {
                "unsealed" => [unsealed],
                "no memory" => [nothing],
                "nothing" => [],
                _ => [file],
            };
            peer.Raw.SendBytes(RawPeer.Record(new RecordHeader { Kind = RecordKind.Hello, DescriptorCount = (ushort)descriptors.Length }, hello), descriptors);
        }

        (RecordHeader header, byte[] data) = peer.Raw.Receive()!.Value;
        Assert.Equal(RecordKind.HelloAck, header.Kind);
        var answer = Hello.Read(data);
        peer.IsAccepted = answer.HasRings;
        peer.Number = answer.Number;
        if (answer.HasRings)
            Assert.Equal((uint)RingBytes, answer.RingBytes);
        return peer;
    }

    internal void Send(RecordHeader header, ReadOnlySpan<byte> data)
    {
        Send(RingRecord.Here, RawPeer.Record(header, data));
    }

    /// <summary>Sends a record and keeps the doorbell for itself.</summary>
    internal void SendSilently(RecordHeader header, ReadOnlySpan<byte> data) => Put(RingRecord.Here, RawPeer.Record(header, data));

    /// <summary>Sends something of the given form and keeps the doorbell for itself.</summary>
    internal void PutSilently(RingRecord form, ReadOnlySpan<byte> contents) => Put(form, contents);

    /// <summary>Sends something of the given form, and rings.</summary>
    internal void Send(RingRecord form, ReadOnlySpan<byte> contents)
    {
        switch (Put(form, contents))
        {
            case RingSleep.Doorbell:
                Raw.SendBytes([0]);
                break;
            case RingSleep.Futex:
                _producer.WakeReceiver();
                break;
        }
    }

    /// <summary>Rings without cause.</summary>
    internal void Ring() => Raw.SendBytes([0]);

    /// <summary>Wakes without cause whoever sleeps on the word, and writes nonsense there.</summary>
    internal void WakeInVain(int word)
    {
        RingLane lane = _memory.Lane(fromCreator: true);
        lane.Sleeping = word;
        _producer.WakeReceiver();
    }

    /// <summary>Waits until the receiver has fallen asleep.</summary>
    /// <returns>How: one of <see cref="RingSleep"/>.</returns>
    internal async Task<int> WaitUntilAsleepAsync()
    {
        long begin = Stopwatch.GetTimestamp();
        while (true)
        {
            RingLane lane = _memory.Lane(fromCreator: true);
            int sleeping = Volatile.Read(ref lane.Sleeping);
            if (sleeping != RingSleep.Awake)
                return sleeping;
            Assert.True(Stopwatch.GetElapsedTime(begin) < Deadline.Limit);
            await Task.Yield();
        }
    }

    /// <summary>The same if there is room.</summary>
    internal void TrySend(RingRecord form, ReadOnlySpan<byte> contents)
    {
        if (_producer.TryReserveNow(contents.Length, out _))
            Send(form, contents);
    }

    /// <summary>Publishes two things at once.</summary>
    internal void SendTogether(RingRecord form, int length)
    {
        RingLane lane = _memory.Lane(fromCreator: true);
        ulong tail = lane.Tail;
        WriteHeader(lane, tail, form, length);
        WriteHeader(lane, tail + (ulong)(8 + length), form, length);
        lane.Tail = tail + (ulong)(2 * (8 + length));
        Raw.SendBytes([0]);
    }

    private static unsafe void WriteHeader(RingLane lane, ulong at, RingRecord form, int length) =>
        *(ulong*)(lane.Data + (at & (RingBytes - 1))) = (uint)length | ((ulong)form << 32);

    private int Put(RingRecord form, ReadOnlySpan<byte> contents)
    {
        Assert.True(_producer.TryReserve(contents.Length, out Span<byte> place));
        contents.CopyTo(place);
        return _producer.Publish(contents.Length, form);
    }

    internal (RecordHeader Header, byte[] Data) Receive()
    {
        int length = WaitFor(RingFind.Record);
        var header = RecordHeader.Read(_buffer.AsSpan(0, length), 0);
        return (header, ObjectTable.Data(header, _buffer.AsSpan(0, length)).ToArray());
    }

    /// <summary>Whether something has arrived.</summary>
    internal bool HasArrived => _consumer.HasArrived;

    /// <summary>Wants to be told of the next record.</summary>
    internal void Arm() => Assert.True(_consumer.TryArm(RingSleep.Doorbell));

    /// <summary>Waits for the doorbell of another session.</summary>
    internal ulong ReceiveLook()
    {
        WaitFor(RingFind.Look);
        return _consumer.LookAt;
    }

    private int WaitFor(RingFind what)
    {
        int length;
        while (_consumer.TryTake(_buffer, out length) != what)
        {
            bool armed = _consumer.TryArm(RingSleep.Doorbell);
            if (_consumer.OwesBell)
            {
                _consumer.OwesBell = false;
                Ring();
            }

            if (!armed)
                continue;
            Assert.True(Poller.IsReady(Raw.Socket, PollEvents.In, (int)Deadline.Limit.TotalMilliseconds));
            Assert.Equal(1, Raw.Socket.Receive(_buffer).Length);
        }

        return length;
    }

    /// <summary>Writes noise into the rings and their indexes while the other side reads, and rings the doorbell now and then.</summary>
    internal unsafe void Scribble(Random random, Func<bool> isOver)
    {
        RingLane sending = _memory.Lane(fromCreator: true);
        RingLane receiving = _memory.Lane(fromCreator: false);
        byte[] call = RawPeer.Record(CallHeader(1), BitConverter.GetBytes(1));
        while (!isOver())
        {
            switch (random.Next(8))
            {
                case 0:
                    sending.Tail = (ulong)random.NextInt64(RingBytes * 2L) & (random.Next(2) == 0 ? ~7UL : ulong.MaxValue);
                    break;
                case 1:
                    receiving.Head = (ulong)random.NextInt64(random.Next(2) == 0 ? 4096 : long.MaxValue);
                    break;
                case 2:
                    *(ulong*)(sending.Data + (random.Next(RingBytes / 8) * 8)) = (uint)random.Next(300) | ((ulong)random.Next(9) << 32);
                    break;
                case 3:
                    random.NextBytes(new Span<byte>(sending.Data + random.Next(RingBytes - 64), 64));
                    break;
                case 4:
                    *(ulong*)sending.Data = (uint)call.Length | (1UL << 32);
                    call.CopyTo(new Span<byte>(sending.Data + 8, call.Length));
                    break;
                case 5:
                    sending.Sleeping = random.Next();
                    receiving.Waiting = random.Next();
                    break;
                default:
                    try
                    {
                        Raw.Socket.TrySend([0], [], wait: false, out _);
                    }
                    catch (ObjectDisposedException)
                    {
                        // The test is over.
                    }

                    Thread.Yield();
                    break;
            }
        }
    }

    public void Dispose()
    {
        Raw.Dispose();
        _memory.Release();
    }
}
