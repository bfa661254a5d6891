using System.Runtime.InteropServices;
using CsCheck;

namespace Lifeline.Contracts.Tests;

public sealed unsafe class StatusSlotTests : IDisposable
{
    private readonly byte* _memory = (byte*)NativeMemory.AlignedAlloc(StatusSlot.Size, 64);
    private readonly StatusSlotWriter _writer;
    private readonly StatusSlotReader _reader;

    public StatusSlotTests()
    {
        _writer = new StatusSlotWriter(_memory, StatusSlot.Size, 7);
        _reader = new StatusSlotReader(_memory, StatusSlot.Size);
    }

    private Span<byte> Slot => new(_memory, StatusSlot.Size);

    public void Dispose() => NativeMemory.AlignedFree(_memory);

    [Fact]
    public void A_new_slot_says_that_nothing_was_reported()
    {
        Assert.False(_reader.TryRead(out _, out var reason));
        Assert.Contains("nothing was reported", reason, StringComparison.Ordinal);
        Assert.Equal(0, _reader.Published);
    }

    [Fact]
    public void The_last_status_is_read_with_its_number_and_generation()
    {
        for (var index = 1; index <= 5; index++)
            Assert.Equal(index, Write($"status {index}"));
        Assert.True(_reader.TryRead(out var reading, out var reason), reason);
        Assert.Equal(("status 5", 5, 7), (reading!.Report.Text, reading.Report.Sequence, reading.Generation));
        Assert.Equal(5, _reader.Published);
        Assert.Equal(5, _writer.Published);
    }

    [Fact]
    public void A_status_that_is_too_large_leaves_the_one_before()
    {
        Write("good");
        Assert.Throws<StatusLimitException>(() => Write(new string('x', 2000)));
        Assert.Equal("good", ReadText());
        Assert.Equal(2, Write("next"));
        Assert.Equal("next", ReadText());
    }

    [Fact]
    public void Whatever_a_killed_writer_left_in_the_other_buffer_the_last_status_is_whole() =>
        Gen.Select(Gen.Int[1, 9], Gen.Byte.Array[1, 600], Gen.Int[0, StatusSlot.BufferBytes - 600]).Sample(
            (writes, scribble, at) =>
            {
                for (var index = 0; index < writes; index++)
                    Write($"status {index}");
                var next = StatusSlot.OffsetOf((ulong)_writer.Published + 1);
                scribble.CopyTo(Slot[(next + at)..]);
                Assert.Equal($"status {writes - 1}", ReadText());
            },
            threads: 1,
            iter: 2000);

    [Fact]
    public void A_peer_that_scribbles_anywhere_is_found_out_and_never_throws() =>
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[0, StatusSlot.Size - 40], Gen.Int[0, 220]).Sample(
            (scribble, anywhere, inHead) =>
            {
                StatusSlot.Initialize(Slot, 7);
                var writer = new StatusSlotWriter(_memory, StatusSlot.Size, 7);
                writer.Write(ServiceHealth.Healthy, 1, "one", null, null, 1);
                writer.Write(ServiceHealth.Healthy, 2, "two", null, true, 2);
                scribble.CopyTo(Slot[(inHead % 3 == 0 ? anywhere : inHead)..]);
                if (StatusSlot.TryRead(Slot, out var reading, out var reason))
                    Assert.Contains(reading!.Report.Text, new[] { "one", "two" });
                else
                    Assert.NotNull(reason);
            },
            threads: 1,
            iter: 5000);

    [Fact]
    public void Random_memory_is_no_slot() =>
        Gen.Byte.Array[0, 2 * StatusSlot.Size].Sample(bytes => Assert.False(StatusSlot.TryRead(bytes, out _, out _)), iter: 200);

    [Fact]
    public void Another_layout_and_other_sizes_are_refused_with_the_reason()
    {
        Write("x");
        Slot[StatusSlot.VersionOffset] = 9;
        Assert.False(_reader.TryRead(out _, out var reason));
        Assert.Contains("layout 9", reason, StringComparison.Ordinal);
        Assert.False(StatusSlot.TryRead(Slot[..^1], out _, out reason));
        Assert.Contains($"{StatusSlot.Size}", reason, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new StatusSlotWriter(_memory, StatusSlot.Size - 1, 0));
        Assert.Throws<ArgumentException>(() => new StatusSlotWriter(_memory + 1, StatusSlot.Size, 0));
    }

    [Fact]
    public void A_length_beyond_the_buffer_is_refused()
    {
        Write("x");
        MemoryMarshal.Write(Slot[(StatusSlot.OffsetOf(1) + StatusSlot.LengthOffset)..], uint.MaxValue);
        Assert.False(_reader.TryRead(out _, out var reason));
        Assert.Contains($"{uint.MaxValue}", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reader_beside_a_fast_writer_never_sees_a_torn_status()
    {
        var writing = new Thread(() =>
        {
            var fields = new Dictionary<string, StatusValue>();
            for (var index = 1L; index <= 200_000; index++)
            {
                fields["n"] = index;
                _writer.Write(ServiceHealth.Healthy, (int)index, new string((char)('a' + (index % 26)), (int)(index % 900)), fields, null, index);
            }
        }) { IsBackground = true };
        writing.Start();
        var last = 0L;
        var reads = 0;
        while (writing.IsAlive || reads == 0)
        {
            if (!_reader.TryRead(out var reading, out _))
                continue;
            reads++;
            var report = reading!.Report;
            Assert.True(report.Sequence >= last);
            last = report.Sequence;
            Assert.Equal((last, (int)last, last), (report.AtNanoseconds, report.Code, report.Fields["n"].AsInteger()));
            Assert.Equal((int)(last % 900), report.Text.Length);
        }

        writing.Join();
        Assert.True(_reader.TryRead(out var final, out var reason), reason);
        Assert.Equal(_writer.Published, final!.Report.Sequence);
    }

    [Fact]
    public void A_write_without_fields_allocates_nothing()
    {
        // The runtime itself allocates now and then while it warms up: one round without anything is the proof.
        var least = long.MaxValue;
        for (var round = 0; round < 10 && least != 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var index = 0; index < 10_000; index++)
                _writer.Write(ServiceHealth.Healthy, index, "queue 3", null, null, index);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }

    [Fact]
    public void The_checksum_is_the_CRC_32C_that_a_C_program_would_compute()
    {
        // "123456789" has the well-known CRC-32C E3069283; here number and length come first.
        Span<byte> all = stackalloc byte[21];
        BitConverter.TryWriteBytes(all, 1UL);
        BitConverter.TryWriteBytes(all[8..], 9U);
        "123456789"u8.CopyTo(all[12..]);
        Assert.Equal(0xE3069283, Crc32C("123456789"u8));
        Assert.Equal(Crc32C(all), StatusSlot.Checksum(1, "123456789"u8));
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78);
        }

        return ~crc;
    }

    private long Write(string text) => _writer.Write(ServiceHealth.Healthy, 0, text, null, null, 0);

    private string ReadText()
    {
        Assert.True(_reader.TryRead(out var reading, out var reason), reason);
        return reading!.Report.Text;
    }
}
