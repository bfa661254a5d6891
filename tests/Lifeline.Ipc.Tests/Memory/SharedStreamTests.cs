using CsCheck;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

public class SharedStreamTests
{
    private static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    [Theory]
    [InlineData(0)]
    [InlineData(2048)]
    [InlineData(5000)]
    [InlineData(SharedStream.MaxCapacity * 2L)]
    public void A_ring_has_a_power_of_two_of_bytes(long capacity) =>
        Assert.Equal(IpcError.CheckParam, Assert.Throws<IpcException>(() => SharedStream.CreatePair("stream", (int)capacity)).Error);

    [Fact]
    public void What_is_written_is_read_in_order_however_it_is_cut() =>
        Gen.Select(Gen.Int[1, 9000].List[1, 20], Gen.Int[1, 9000], Gen.Bool, Gen.Bool).Sample((writes, readSize, writeAsync, readAsync) =>
        {
            var (writer, reader) = SharedStream.CreatePair("stream", 4096);
            using (reader)
            {
                var expected = Bytes(writes.Sum());
                var writing = Task.Run(async () =>
                {
                    var at = 0;
                    foreach (var count in writes)
                    {
                        if (writeAsync)
                            await writer.WriteAsync(expected.AsMemory(at, count));
                        else
                            writer.Write(expected.AsSpan(at, count));
                        at += count;
                    }

                    await writer.DisposeAsync();
                });
                var received = new MemoryStream();
                var reading = Task.Run(async () =>
                {
                    var buffer = new byte[readSize];
                    while (true)
                    {
                        var count = readAsync ? await reader.ReadAsync(buffer) : reader.Read(buffer);
                        if (count == 0)
                            return;
                        received.Write(buffer, 0, count);
                    }
                });
                writing.Soon().GetAwaiter().GetResult();
                reading.Soon().GetAwaiter().GetResult();
                Assert.Equal(expected, received.ToArray());
            }
        }, iter: 60, threads: 1);

    [Fact]
    public async Task A_full_ring_makes_the_writer_wait_and_an_empty_one_the_reader()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        await using (writer)
        await using (reader)
        {
            var buffer = new byte[8192];
            var read = reader.ReadAsync(buffer);
            Assert.False(read.IsCompleted);
            await writer.WriteAsync(Bytes(10));
            Assert.Equal(10, await read.Soon());
            await writer.WriteAsync(Bytes(4096));
            var write = writer.WriteAsync(Bytes(1)).AsTask();
            Assert.False(write.IsCompleted);
            // What is read goes around the ring's end: the writer may add its byte in between.
            int first = await reader.ReadAsync(buffer).Soon();
            Assert.InRange(first, 4096, 4097);
            await write.Soon();
            if (first == 4096)
                Assert.Equal(1, await reader.ReadAsync(buffer).Soon());
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled_and_the_stream_goes_on()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        await using (writer)
        await using (reader)
        {
            using var cancel = new CancellationTokenSource();
            var read = reader.ReadAsync(new byte[10], cancel.Token);
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read.Soon());
            await writer.WriteAsync(Bytes(3));
            Assert.Equal(3, await reader.ReadAsync(new byte[10]).Soon());
        }
    }

    [Fact]
    public async Task The_end_comes_after_all_that_was_written()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        await using (reader)
        {
            writer.Write(Bytes(100));
            writer.Dispose();
            var buffer = new byte[60];
            Assert.Equal(60, reader.Read(buffer));
            Assert.Equal(40, await reader.ReadAsync(buffer).Soon());
            Assert.Equal(0, reader.Read(buffer));
            Assert.Equal(0, await reader.ReadAsync(buffer).Soon());
        }
    }

    [Fact]
    public async Task A_closed_reader_ends_the_writer_that_waits()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        var write = writer.WriteAsync(Bytes(10_000)).AsTask();
        reader.Dispose();
        Assert.Equal(SharedStreamFault.ReaderClosed, (await Assert.ThrowsAsync<SharedStreamException>(() => write.Soon())).Fault);
        Assert.Equal(SharedStreamFault.ReaderClosed, Assert.Throws<SharedStreamException>(() => writer.Write(Bytes(1))).Fault);
        writer.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposal_ends_a_call_in_progress(bool asynchronous)
    {
        for (var round = 0; round < 50; round++)
        {
            var (writer, reader) = SharedStream.CreatePair("stream", 4096);
            var buffer = new byte[10];
            var started = new Signal();
            var read = asynchronous ? reader.ReadAsync(buffer).AsTask() : OnThread(() =>
            {
                started.TrySetResult();
                reader.ReadExactly(buffer);
            });
            if (!asynchronous)
                await started.Task.Soon();
            reader.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read.Soon());
            writer.Dispose();
        }
    }

    [Fact]
    public async Task Only_one_call_at_a_time_uses_an_end()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        await using (reader)
        await using (writer)
        {
            var read = reader.ReadAsync(new byte[1]);
            Assert.Throws<InvalidOperationException>(() => reader.Read(new byte[1]));
            Assert.Throws<NotSupportedException>(() => reader.Write([1]));
            Assert.Throws<NotSupportedException>(() => writer.Read(new byte[1]));
            writer.Write([5]);
            Assert.Equal(1, await read.Soon());
        }
    }

    [Fact]
    public async Task An_end_goes_to_another_process_in_a_parcel_and_the_stream_goes_on()
    {
        var received = new Signal<SharedStream>();
        var root = new DelegateStub("test", (_, data, _, _) =>
        {
            received.TrySetResult(data.ReadParcelable<SharedStream>());
            return ValueTask.CompletedTask;
        });
        await using var pair = await IpcPair.OpenAsync(TransportKind.Socket, root);
        var (writer, reader) = SharedStream.CreatePair("stream", 65536);
        var expected = Bytes(5_000_000);
        await writer.WriteAsync(expected.AsMemory(0, 1000));
        using (var data = new Parcel())
        {
            data.WriteParcelable(reader);
            Assert.Throws<ObjectDisposedException>(() => reader.Read(new byte[1]));
            (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        }

        await using var other = await received.Task.Soon();
        var write = Task.Run(async () =>
        {
            await writer.WriteAsync(expected.AsMemory(1000));
            await writer.DisposeAsync();
        });
        var result = new MemoryStream();
        await other.CopyToAsync(result).Soon();
        await write.Soon();
        Assert.True(expected.AsSpan().SequenceEqual(result.ToArray()));
    }

    [Fact]
    public async Task A_parcel_that_is_dropped_on_the_way_is_seen_as_a_death()
    {
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        writer.Write(Bytes(10));
        using (var data = new Parcel())
            data.WriteParcelable(writer);
        var buffer = new byte[100];
        Assert.Equal(10, await reader.ReadAsync(buffer).Soon());
        Assert.Equal(SharedStreamFault.PeerDied, (await Assert.ThrowsAsync<SharedStreamException>(() => reader.ReadAsync(buffer).Soon())).Fault);
        reader.Dispose();
    }

    [Fact]
    public async Task A_writer_that_is_killed_leaves_what_it_wrote_and_then_an_error()
    {
        for (var kill = 0; kill < 10; kill++)
        {
            var (writer, reader) = SharedStream.CreatePair("stream", 1 << 16);
            using (reader)
            {
                var (memory, socket) = Dismantle(writer);
                using var process = OtherProcess.Start([(memory, 10), (socket, 11)], ["write-stream", "10", "11", $"{1 << 16}"]);
                memory.Dispose();
                socket.Dispose();
                var buffer = new byte[1 << 14];
                long read = 0;
                var killed = false;
                var error = await Assert.ThrowsAsync<SharedStreamException>(async () =>
                {
                    while (true)
                    {
                        var count = await reader.ReadAsync(buffer).Soon();
                        for (var i = 0; i < count; i++)
                            Assert.Equal((byte)(read + i), buffer[i]);
                        read += count;
                        if (!killed && read > 1 << 20)
                        {
                            process.Kill();
                            killed = true;
                        }
                    }
                });
                Assert.Equal(SharedStreamFault.PeerDied, error.Fault);
                Assert.True(read > 1 << 20);
            }
        }
    }

    /// <summary>The descriptors of an end, as its parcel would carry them.</summary>
    private static (Descriptor Memory, Descriptor Socket) Dismantle(SharedStream end)
    {
        using var parcel = new Parcel();
        parcel.WriteParcelable(end);
        parcel.ReadInt32();
        parcel.ReadInt32();
        return (parcel.ReadDescriptor(), parcel.ReadDescriptor());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whatever_is_scribbled_over_the_ring_a_call_ends_and_stays_within(bool reads)
    {
        for (var round = 0; round < 40; round++)
        {
            var (writer, reader) = SharedStream.CreatePair("stream", 4096);
            var (mine, peer) = reads ? (reader, writer) : (writer, reader);
            var (memory, socket) = Dismantle(peer);
            using var block = SharedBlock.FromDescriptor(memory, 4096 + 4096);
            using var map = block.Map();
            memory.Dispose();
            using var stop = new CancellationTokenSource();
            var seed = round;
            var scribbler = OnThread(() =>
            {
                using var link = UnixSocket.FromDescriptor(socket);
                var random = new Random(seed);
                while (!stop.IsCancellationRequested)
                {
                    // The index, the state and the wish to be woken of both sides, with believable and unbelievable values.
                    var line = random.Next(2) == 0 ? 128 : 256;
                    map.AsSpan<long>()[line / 8] = random.Next(4) switch { 0 => random.Next(9000), 1 => -1, 2 => random.NextInt64(), _ => 0 };
                    if (random.Next(50) == 0)
                        map.AsSpan<int>()[(line / 4) + 3] = random.Next(3);
                    link.TrySend([1], default, wait: false, out _);
                }
            });
            var buffer = new byte[5000];
            var error = await Assert.ThrowsAsync<SharedStreamException>(async () =>
            {
                while (true)
                {
                    if (reads)
                        Assert.InRange(await mine.ReadAsync(buffer).Soon(), 1, 5000);
                    else
                        await mine.WriteAsync(buffer).Soon();
                }
            });
            Assert.Equal(SharedStreamFault.Corrupted, error.Fault);
            await stop.CancelAsync();
            await scribbler.Soon();
            socket.Dispose();
            mine.Dispose();
        }
    }

    [Fact]
    public void An_end_that_is_not_true_is_refused()
    {
        using var good = new Parcel();
        var (writer, reader) = SharedStream.CreatePair("stream", 4096);
        good.WriteParcelable(reader);
        writer.Dispose();
        good.ReadInt32();
        good.ReadInt32();
        using var memory = good.ReadDescriptor();
        using var socket = good.ReadDescriptor();
        using var blank = SharedBlock.Create("blank", 8192);
        using var blankMemory = blank.DuplicateDescriptor();
        using var file = MemoryFile.Create("unsealed", 8192);
        foreach (var (role, capacity, first, second) in ((int, int, Descriptor, Descriptor)[])
        [
            (2, 4096, memory, socket), (0, 8192, memory, socket), (0, -4096, memory, socket), (0, 4096, socket, memory),
            (0, 4096, memory, memory), (0, 4096, blankMemory, socket), (0, 4096, file, socket),
        ])
        {
            using var parcel = new Parcel();
            parcel.WriteInt32(role);
            parcel.WriteInt32(capacity);
            parcel.WriteDescriptor(first);
            parcel.WriteDescriptor(second);
            Assert.Equal(IpcError.ParcelRead, Assert.Throws<IpcException>(() => parcel.ReadParcelable<SharedStream>()).Error);
        }
    }
}
