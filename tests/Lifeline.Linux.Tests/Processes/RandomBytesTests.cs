namespace Lifeline.Linux.Tests;

public sealed class RandomBytesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(100_000)]
    public void The_whole_of_a_buffer_is_filled_and_each_time_differently(int length)
    {
        var first = new byte[length];
        var second = new byte[length];
        RandomBytes.Fill(first);
        RandomBytes.Fill(second);

        Assert.Equal(length == 0, first.AsSpan().SequenceEqual(second));
        Assert.True(length < 100 || first.AsSpan()[^100..].ContainsAnyExcept((byte)0));
    }
}
