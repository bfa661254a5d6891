using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Descriptors;

public class MemoryFileTests
{
    [Fact]
    public void Two_maps_see_each_other()
    {
        using var file = MemoryFile.Create("test", 8192);
        Assert.Equal(8192, file.Size);
        using var first = file.Map(0, 8192, writable: true);
        using var second = file.Map(4096, 4096, writable: false);
        first.Span[5000] = 42;
        Assert.Equal(42, second.Span[5000 - 4096]);
        Assert.Equal(4096, second.Length);
    }

    [Fact]
    public void A_received_memory_file_is_the_same_memory()
    {
        using var file = MemoryFile.Create("test", 4096);
        using var map = file.Map(0, 4096, writable: true);
        using var plain = file.Duplicate();
        using var again = MemoryFile.FromDescriptor(plain);
        Assert.NotEqual(plain.Number, again.Number);
        using var other = again.Map(0, 4096, writable: false);
        map.Span[7] = 9;
        Assert.Equal(9, other.Span[7]);
    }

    [Fact]
    public void Something_else_is_no_memory_file_and_nothing_is_left_open()
    {
        using var folder = new TemporaryFolder();
        using var file = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        var before = OpenNumbers.CountInto("/dev/null");
        Assert.Equal(Errno.EINVAL, DescriptorTests.Refusal(() => MemoryFile.FromDescriptor(file)));
        Assert.Equal(before, OpenNumbers.CountInto("/dev/null"));
    }

    [Fact]
    public void Seals_hold_and_can_be_read()
    {
        using var file = MemoryFile.Create("test", 4096);
        Assert.Equal(MemorySeals.None, file.Seals);
        file.Seal(MemorySeals.Shrink | MemorySeals.Grow);
        Assert.Equal(MemorySeals.Shrink | MemorySeals.Grow, file.Seals);
        Assert.Equal(Errno.EPERM, DescriptorTests.Refusal(() => file.SetLength(1)));
        Assert.Equal(Errno.EPERM, DescriptorTests.Refusal(() => file.SetLength(8192)));

        var writable = file.Map(0, 4096, writable: true);
        Assert.Equal(Errno.EBUSY, DescriptorTests.Refusal(() => file.Seal(MemorySeals.Write)));
        file.Seal(MemorySeals.FutureWrite);
        writable.Span[0] = 1;
        Assert.Equal(Errno.EPERM, DescriptorTests.Refusal(() => file.Map(0, 4096, writable: true)));
        writable.Dispose();

        file.Seal(MemorySeals.Write | MemorySeals.Seal);
        Assert.Equal(Errno.EPERM, DescriptorTests.Refusal(() => file.WriteAll("x"u8)));
        Assert.Equal(Errno.EPERM, DescriptorTests.Refusal(() => file.Seal(MemorySeals.Write)));
        using var map = file.Map(0, 4096, writable: false);
        Assert.Equal(1, map.Span[0]);
    }

    [Theory]
    [InlineData(0, 4097)]
    [InlineData(4096, 1)]
    [InlineData(-4096, 1)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue - 4095, 4096)]
    public void What_is_outside_the_file_is_not_mapped(long offset, int length)
    {
        using var file = MemoryFile.Create("test", 4096);
        Assert.Throws<ArgumentOutOfRangeException>(() => file.Map(offset, length, writable: false));
    }

    [Fact]
    public void A_disposed_map_is_refused()
    {
        using var file = MemoryFile.Create("test", 4096);
        var map = file.Map(0, 4096, writable: true);
        map.Dispose();
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(() => map.Span.Length);
    }

    [Fact]
    public void A_name_that_is_too_long_is_refused() =>
        Assert.Equal(Errno.EINVAL, DescriptorTests.Refusal(() => MemoryFile.Create(new string('x', 300), 1)));
}
