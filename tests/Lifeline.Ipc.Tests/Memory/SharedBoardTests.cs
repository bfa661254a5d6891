using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

public class SharedBoardTests
{
    /// <summary>Eight equal numbers: unequal ones are a torn read.</summary>
    [InlineArray(8)]
    internal struct Eight
    {
        private long _first;

        public static Eight Of(long value)
        {
            var eight = default(Eight);
            ((Span<long>)eight).Fill(value);
            return eight;
        }

        public readonly bool IsWhole
        {
            get
            {
                ReadOnlySpan<long> all = this;
                return !all.ContainsAnyExcept(all[0]);
            }
        }
    }

    [Fact]
    public void A_reader_finds_the_last_value_of_each_slot() => Gen.Select(Gen.Int[0, 4], Gen.Byte.Array[0, 100]).List[0, 40].Sample(writes =>
    {
        using var writer = SharedBoardWriter.Create("board", 5, 100, epoch: 7);
        using var block = writer.Share();
        using var reader = new SharedBoardReader(block);
        var expected = new byte[5][];
        foreach (var (slot, value) in writes)
        {
            writer.Write(slot, value);
            expected[slot] = value;
        }

        Span<byte> buffer = stackalloc byte[100];
        for (var slot = 0; slot < 5; slot++)
        {
            var result = reader.Read(slot, buffer, out var length, out var generation);
            Assert.Equal(writes.Count(w => w.Item1 == slot), generation);
            Assert.Equal(expected[slot] is null ? SharedBoardResult.Empty : SharedBoardResult.Value, result);
            Assert.True(buffer[..length].SequenceEqual(expected[slot]));
        }
    }, iter: 100);

    [Fact]
    public void The_header_tells_who_writes()
    {
        using var writer = SharedBoardWriter.Create("board", 3, 64, epoch: 99);
        using var block = writer.Share();
        using var reader = new SharedBoardReader(block);
        Assert.Equal(writer.Header, reader.Header);
        Assert.Equal((3, 64, Environment.ProcessId, 99L), (reader.Header.Slots, reader.Header.SlotSize, reader.Header.WriterPid, reader.Header.Epoch));
        Assert.True(reader.IsWriterAlive());
        Assert.False(reader.IsClosed);
        writer.Dispose();
        Assert.True(reader.IsClosed);
    }

    [Fact]
    public void A_shared_board_cannot_be_written_by_its_readers()
    {
        using var writer = SharedBoardWriter.Create("board", 3, 64);
        using var block = writer.Share();
        Assert.Equal(SharedBlockAccess.Read, block.Protection);
        writer.Write(0, [1]);
        Assert.Equal(IpcError.PermissionDenied, Assert.Throws<IpcException>(() => SharedBoardWriter.TakeOver(block)).Error);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(SharedBoard.MaxSlots + 1, 1)]
    [InlineData(1, SharedBoard.MaxSlotSize + 1)]
    [InlineData(SharedBoard.MaxSlots, SharedBoard.MaxSlotSize)]
    public void A_board_has_limits(int slots, int slotSize) =>
        Assert.Equal(IpcError.CheckParam, Assert.Throws<IpcException>(() => SharedBoardWriter.Create("board", slots, slotSize)).Error);

    [Fact]
    public void A_slot_that_does_not_exist_and_a_value_that_is_too_long_are_refused()
    {
        using var writer = SharedBoardWriter.Create("board", 2, 8);
        using var block = writer.Share();
        using var reader = new SharedBoardReader(block);
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write(2, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Write(-1, [1]));
        Assert.Throws<ArgumentException>(() => writer.Write(0, new byte[9]));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryRead<long>(2, out _, out _));
        Assert.Throws<ArgumentException>(() => reader.Read(0, new byte[7], out _, out _));
        writer.Write(0, 5L);
        Assert.False(reader.TryRead<int>(0, out _, out _));
        Assert.True(reader.TryRead<long>(0, out var value, out _));
        Assert.Equal(5, value);
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.TryRead<long>(0, out _, out _));
        writer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => writer.Write(0, 5L));
    }

    [Fact]
    public void A_board_in_a_file_is_read_mapped_and_at_once()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("board");
        using var writer = SharedBoardWriter.CreateFile(path, 4, 5000, epoch: 3);
        Assert.Equal("rw-r--r--", Convert.ToString((int)File.GetUnixFileMode(path), 8) == "644" ? "rw-r--r--" : "another mode");
        using var mapped = SharedBoardReader.Open(path);
        var text = Enumerable.Repeat((byte)'x', 5000).ToArray();
        writer.Write(1, text);
        writer.Write(1, text.AsSpan(1));
        using var loaded = SharedBoardReader.Load(path);
        var buffer = new byte[5000];
        foreach (var reader in (SharedBoardReader[])[mapped, loaded])
        {
            Assert.Equal(SharedBoardResult.Value, reader.Read(1, buffer, out var length, out var generation));
            Assert.Equal((4999, 2L), (length, generation));
            Assert.Equal(SharedBoardResult.Empty, reader.Read(0, buffer, out _, out _));
        }

        writer.Dispose();
        Assert.True(mapped.IsClosed);
        Assert.False(loaded.IsClosed);
        Assert.Throws<IOException>(() => SharedBoardWriter.CreateFile(path, 4, 100));
    }

    [Fact]
    public void Files_that_are_no_boards_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(IpcError.NotFound, Assert.Throws<IpcException>(() => SharedBoardReader.Load(folder.File("none"))).Error);
        Assert.Equal(IpcError.ProtocolMismatch, Assert.Throws<IpcException>(() => SharedBoardReader.Load("/dev/null")).Error);
        using (SharedBoardWriter.CreateFile(folder.File("good"), 4, 100))
        {
        }

        var good = File.ReadAllBytes(folder.File("good"));
        Gen.Select(Gen.Int[0, 20], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = good.ToArray();
            bytes[at] = value;
            File.WriteAllBytes(folder.File("bad"), bytes[..length]);
            try
            {
                using var reader = SharedBoardReader.Load(folder.File("bad"));
                Assert.InRange(SharedBoard.SizeOf(reader.Header.Slots, reader.Header.SlotSize), 1, length);
            }
            catch (IpcException e) when (e.Error == IpcError.ProtocolMismatch)
            {
                // Refused, as most of them are.
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public async Task Ten_million_reads_beside_a_writer_are_never_torn()
    {
        using var writer = SharedBoardWriter.Create("board", 1, 64);
        using var block = writer.Share();
        using var reader = new SharedBoardReader(block);
        writer.Write(0, Eight.Of(0));
        using var stop = new CancellationTokenSource();
        var writing = Task.Factory.StartNew(
            () =>
            {
                for (long i = 1; !stop.IsCancellationRequested; i++)
                    writer.Write(0, Eight.Of(i));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        long torn = 0, backwards = 0, busy = 0, last = 0;
        for (var i = 0; i < 10_000_000; i++)
        {
            if (!reader.TryRead<Eight>(0, out var value, out var generation))
            {
                busy++;
                continue;
            }

            if (!value.IsWhole || value[0] != generation - 1)
                torn++;
            if (generation < last)
                backwards++;
            last = generation;
        }

        await stop.CancelAsync();
        await writing.Soon();
        Assert.Equal((0, 0), (torn, backwards));
        Assert.InRange(busy, 0, 1_000_000);
    }

    [Fact]
    public async Task Whatever_is_scribbled_over_a_board_a_read_ends_and_stays_within()
    {
        using var block = SharedBlock.Create("board", SharedBoard.SizeOf(16, 1000));
        using var map = block.Map();
        using (var seed = SharedBoardWriter.Create("seed", 16, 1000))
        {
            for (var slot = 0; slot < 16; slot++)
                seed.Write(slot, new byte[1000]);
            using var share = seed.Share();
            using var from = share.Map(SharedBlockAccess.Read);
            map.WriteFrom(from.Bytes);
        }

        using var reader = new SharedBoardReader(block);
        using var stop = new CancellationTokenSource();
        var scribbler = Task.Factory.StartNew(() => Scribble(map, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var buffer = new byte[1000];
        var results = new int[4];
        for (var i = 0; i < 300_000; i++)
        {
            results[(int)reader.Read(i & 15, buffer, out var length, out _)]++;
            Assert.InRange(length, 0, 1000);
        }

        await stop.CancelAsync();
        await scribbler.Soon();
        Assert.Equal(300_000, results.Sum());
    }

    private static void Scribble(SharedMap map, CancellationToken stop)
    {
        var random = new Random(1);
        while (!stop.IsCancellationRequested)
        {
            var words = map.AsSpan<long>();
            for (var i = 0; i < 1000; i++)
                words[random.Next(words.Length)] = random.Next(4) switch { 0 => random.Next(8), 1 => -1, 2 => random.NextInt64(), _ => 1000 };
        }
    }

    [Fact]
    public void A_writer_killed_in_the_middle_leaves_the_last_whole_value_fifty_times()
    {
        using var mine = SharedBoardWriter.Create("board", 2, 4096);
        using var block = mine.Share();
        // Made before the read-only hand-over, and inherited: the writers map it anew, so it must not be sealed.
        using var board = SharedBlock.Create("board", SharedBoard.SizeOf(2, 4096));
        using (var map = board.Map())
        using (var from = block.Map(SharedBlockAccess.Read))
            map.WriteFrom(from.Bytes);
        using var reader = new SharedBoardReader(board);
        using var descriptor = board.DuplicateDescriptor();
        var buffer = new byte[4096];
        long last = 0;
        for (var kill = 0; kill < 50; kill++)
        {
            using (var writer = OtherProcess.Start([(descriptor, 10)], ["write-board", "10"]))
            {
                var clock = Stopwatch.StartNew();
                while (reader.ReadGeneration(0) < last + 100)
                    Assert.True(clock.Elapsed < Deadline.Limit, "the writer does not write");
                writer.Kill();
                writer.Reap();
            }

            Assert.Equal(SharedBoardResult.Value, reader.Read(0, buffer, out var length, out var generation));
            Assert.Equal(4096, length);
            Assert.True(generation >= last + 100);
            Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)generation));
            last = generation;
        }
    }
}
