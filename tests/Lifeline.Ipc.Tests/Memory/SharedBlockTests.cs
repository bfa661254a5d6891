using CsCheck;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

public class SharedBlockTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(SharedBlock.MaxSize + 1)]
    public void A_block_has_1_byte_to_1_GiB(int size)
    {
        var error = Assert.Throws<IpcException>(() => SharedBlock.Create("block", size));
        Assert.Equal(IpcError.CheckParam, error.Error);
        Assert.Contains("SharedBlock.MaxSize", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_block_can_be_made_and_mapped_without_taking_its_memory()
    {
        using var block = SharedBlock.Create("block", SharedBlock.MaxSize);
        using var map = block.Map();
        map.WriteFrom([7], SharedBlock.MaxSize - 1);
        Assert.Equal(7, map.Bytes[^1]);
    }

    [Fact]
    public void What_is_written_in_one_map_is_seen_in_the_other()
    {
        using var block = SharedBlock.Create("block", 4096);
        using var first = block.Map();
        using var second = block.Map(SharedBlockAccess.Read);
        first.AsSpan<long>()[3] = 42;
        Assert.Equal(42, second.AsReadOnlySpan<long>()[3]);
        Assert.Equal(512, second.AsReadOnlySpan<long>().Length);
    }

    [Fact]
    public void Copies_stay_within_the_block() => Gen.Int[-70, 140].Select(Gen.Int[0, 140]).Sample((offset, length) =>
    {
        using var block = SharedBlock.Create("block", 64);
        using var map = block.Map();
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)9);
        var inside = offset >= 0 && offset + length <= 64;
        if (inside)
        {
            map.WriteFrom(bytes, offset);
            var back = new byte[length];
            map.ReadTo(back, offset);
            Assert.Equal(bytes, back);
            return;
        }

        Assert.Equal(IpcError.CheckParam, Assert.Throws<IpcException>(() => map.WriteFrom(bytes, offset)).Error);
        Assert.Equal(IpcError.CheckParam, Assert.Throws<IpcException>(() => map.ReadTo(bytes, offset)).Error);
    }, iter: 200);

    [Fact]
    public void Protection_can_only_drop()
    {
        using var block = SharedBlock.Create("block", 64);
        using var mine = block.Map();
        block.SetProtection(SharedBlockAccess.Read);
        Assert.Equal(SharedBlockAccess.Read, block.Protection);
        Assert.Equal(IpcError.PermissionDenied, Assert.Throws<IpcException>(() => block.SetProtection(SharedBlockAccess.ReadWrite)).Error);
        Assert.Equal(IpcError.PermissionDenied, Assert.Throws<IpcException>(() => block.Map()).Error);
        mine.WriteFrom([5]);
        using (var map = block.Map(SharedBlockAccess.Read))
        {
            Assert.Equal(5, map.Bytes[0]);
            Assert.Throws<IpcException>(() => map.WriteFrom([1]));
            Assert.Throws<IpcException>(() => map.WritableBytes.Length);
            Assert.Throws<IpcException>(() => map.WritableMemory);
        }

        block.SetProtection(SharedBlockAccess.None);
        Assert.Throws<IpcException>(() => block.Map(SharedBlockAccess.Read));
    }

    [Fact]
    public void A_read_only_block_cannot_be_written_through_its_descriptor_either()
    {
        using var block = SharedBlock.Create("block", 64);
        block.SetProtection(SharedBlockAccess.Read);
        using var raw = block.DuplicateDescriptor();
        Assert.Equal(Errno.EPERM, Assert.Throws<LinuxException>(() => raw.Write([1])).Errno);
        using var file = MemoryFile.FromDescriptor(raw);
        Assert.Throws<LinuxException>(() => file.Map(0, 64, writable: true));
        Assert.Throws<LinuxException>(() => file.SetLength(1));
    }

    [Fact]
    public async Task A_block_goes_to_another_process_and_its_memory_outlives_the_sender()
    {
        var received = new Signal<SharedBlock>();
        var root = new DelegateStub("test", (_, data, _, _) =>
        {
            received.TrySetResult(data.ReadParcelable<SharedBlock>());
            return ValueTask.CompletedTask;
        });
        await using var pair = await IpcPair.OpenAsync(TransportKind.Socket, root);
        using (var block = SharedBlock.Create("block", 1 << 20))
        using (var map = block.Map())
        using (var data = new Parcel())
        {
            map.AsSpan<int>()[^1] = 77;
            block.SetProtection(SharedBlockAccess.Read);
            data.WriteParcelable(block);
            (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        }

        using var other = await received.Task.Soon();
        Assert.Equal((1 << 20, SharedBlockAccess.Read), (other.Size, other.Protection));
        using var seen = other.Map(SharedBlockAccess.Read);
        Assert.Equal(77, seen.AsReadOnlySpan<int>()[^1]);
    }

    [Theory]
    [InlineData(MemorySeals.None, 4096, 4096)]
    [InlineData(MemorySeals.Grow, 4096, 4096)]
    [InlineData(MemorySeals.Shrink, 4096, 4096)]
    [InlineData(MemorySeals.Grow | MemorySeals.Shrink, 4096, 4095)]
    [InlineData(MemorySeals.Grow | MemorySeals.Shrink, 4096, 8192)]
    [InlineData(MemorySeals.Grow | MemorySeals.Shrink, 4096, int.MaxValue)]
    [InlineData(MemorySeals.Grow | MemorySeals.Shrink, 4096, -1)]
    [InlineData(MemorySeals.Grow | MemorySeals.Shrink, 0, 0)]
    public void What_could_fault_is_not_accepted(MemorySeals seals, int size, int said)
    {
        using var file = MemoryFile.Create("hostile", size);
        file.Seal(seals);
        using var parcel = new Parcel();
        parcel.WriteDescriptor(file);
        parcel.WriteInt32(said);
        Assert.Equal(IpcError.ParcelRead, Assert.Throws<IpcException>(() => parcel.ReadParcelable<SharedBlock>()).Error);
        Assert.Equal(0, parcel.ReadPosition);
    }

    [Fact]
    public void A_descriptor_of_something_else_is_not_accepted()
    {
        var (read, write) = Pipe.Create();
        using (read)
        using (write)
        using (var parcel = new Parcel())
        {
            parcel.WriteDescriptor(read);
            parcel.WriteInt32(4096);
            Assert.Equal(IpcError.ParcelRead, Assert.Throws<IpcException>(() => parcel.ReadParcelable<SharedBlock>()).Error);
        }
    }

    [Fact]
    public void A_disposed_map_refuses_and_one_in_use_stays_until_the_use_ends()
    {
        using var block = SharedBlock.Create("block", 4096);
        var map = block.Map();
        var memory = map.WritableMemory;
        var pin = memory.Pin();
        map.Dispose();
        map.Dispose();
        unsafe
        {
            // Still mapped: a crash here would end the whole test run.
            *(byte*)pin.Pointer = 3;
        }

        Assert.Throws<ObjectDisposedException>(() => map.ReadTo(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => map.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        pin.Dispose();
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        using var again = block.Map();
        Assert.Equal(3, again.Bytes[0]);
    }

    [Fact]
    public async Task Disposal_while_others_copy_never_crashes()
    {
        using var block = SharedBlock.Create("block", 1 << 16);
        for (var round = 0; round < 200; round++)
        {
            var map = block.Map();
            var started = new Signal<bool>();
            var copier = Task.Run(() =>
            {
                var buffer = new byte[1 << 16];
                try
                {
                    while (true)
                    {
                        map.ReadTo(buffer);
                        map.WriteFrom(buffer);
                        started.TrySetResult(true);
                    }
                }
                catch (ObjectDisposedException)
                {
                    // What the test waits for.
                }
            });
            await started.Task.Soon();
            map.Dispose();
            await copier.Soon();
        }
    }

    [Fact]
    public void The_memory_is_gone_with_its_last_holder()
    {
        var block = SharedBlock.Create("block-to-be-gone", 4096);
        var copy = block.Duplicate();
        var map = copy.Map();
        block.Dispose();
        copy.Dispose();
        Assert.Contains("block-to-be-gone", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        map.Dispose();
        Assert.DoesNotContain("block-to-be-gone", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.GetFiles("/proc/self/fd"),
            f => new FileInfo(f).LinkTarget?.Contains("block-to-be-gone", StringComparison.Ordinal) == true);
    }
}
