using System.Text;
using CsCheck;

namespace Lifeline.Contracts.Tests;

public sealed class StatusCodecTests
{
    [Fact]
    public void Any_status_within_the_limits_comes_back_as_it_was() =>
        Generators.Report.Sample(report =>
        {
            Assert.True(StatusCodec.TryDecode(Encode(report), out var read, out var reason), reason);
            Assert.Equal(report, read);
        });

    [Fact]
    public void The_encoding_is_fixed_to_the_byte()
    {
        var report = new StatusReport
        {
            Health = ServiceHealth.Degraded,
            Code = -2,
            Text = "é",
            Ready = true,
            Sequence = 3,
            AtNanoseconds = 4,
            Fields = new Dictionary<string, StatusValue> { ["q"] = 5, ["b"] = true, ["t"] = "x" },
        };
        Assert.Equal(
            "01020203" + "FEFFFFFF" + "0300000000000000" + "0400000000000000" + "0200C3A9"
            + "017101" + "0500000000000000" + "016203" + "01" + "017404" + "010078",
            Convert.ToHexString(Encode(report)));
    }

    [Fact]
    public void Random_bytes_are_refused_or_read_but_never_throw() =>
        Gen.Byte.Array[0, 400].Sample(bytes =>
        {
            var isRead = StatusCodec.TryDecode(bytes, out var report, out var reason);
            Assert.Equal(isRead, report is not null);
            Assert.Equal(isRead, reason is null);
        });

    [Fact]
    public void A_changed_byte_is_refused_or_leaves_a_status_that_can_be_encoded_again() =>
        Gen.Select(Generators.Report, Gen.Int[0, 100_000], Gen.Byte).Sample((report, at, value) =>
        {
            var bytes = Encode(report);
            bytes[at % bytes.Length] = value;
            if (StatusCodec.TryDecode(bytes, out var read, out _))
                Assert.Equal(bytes, Encode(read!));
        });

    [Fact]
    public void Every_cut_is_refused()
    {
        var bytes = Encode(new StatusReport { Text = "text", Fields = new Dictionary<string, StatusValue> { ["n"] = 1.5, ["t"] = "x" } });
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(StatusCodec.TryDecode(bytes.AsSpan(0, length), out _, out _));
        Assert.False(StatusCodec.TryDecode([.. bytes, 0], out _, out var reason));
        Assert.Contains("after", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_is_there_twice_is_refused()
    {
        var bytes = Encode(new StatusReport { Fields = new Dictionary<string, StatusValue> { ["a"] = 1, ["b"] = 2 } });
        bytes[Array.LastIndexOf(bytes, (byte)'b')] = (byte)'a';
        Assert.False(StatusCodec.TryDecode(bytes, out _, out _));
    }

    [Fact]
    public void A_number_that_is_not_finite_is_refused_on_both_sides()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new StatusValue(double.NaN));
        var bytes = Encode(new StatusReport { Fields = new Dictionary<string, StatusValue> { ["n"] = 1.5 } });
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 8), double.PositiveInfinity);
        Assert.False(StatusCodec.TryDecode(bytes, out _, out _));
    }

    [Fact]
    public void Each_limit_has_an_error_that_names_the_size_and_the_limit()
    {
        AssertTooLarge(new StatusReport { Text = new string('x', 1025) }, 1025, 1024);
        AssertTooLarge(new StatusReport { Text = new string('é', 513) }, 1026, 1024);
        AssertTooLarge(WithFields(33, "v"), 33, 32);
        AssertTooLarge(new StatusReport { Fields = new Dictionary<string, StatusValue> { [new string('k', 65)] = 1 } }, 65, 64);
        AssertTooLarge(new StatusReport { Fields = new Dictionary<string, StatusValue> { ["k"] = new string('x', 257) } }, 257, 256);
        var most = WithFields(32, new string('x', 256)) with { Text = new string('x', 1024) };
        var error = Assert.Throws<StatusLimitException>(() => Encode(most));
        Assert.Equal(StatusLimits.MaxEncodedBytes, error.Limit);
    }

    [Fact]
    public void What_UTF8_cannot_spell_is_refused() =>
        Assert.Throws<StatusLimitException>(() => Encode(new StatusReport { Text = "a\ud800" }));

    [Fact]
    public void The_longest_of_each_fits()
    {
        var report = WithFields(16, new string('x', 256)) with { Text = new string('y', 1024) };
        Assert.True(StatusCodec.TryDecode(Encode(report), out var read, out _));
        Assert.Equal(report, read);
    }

    [Fact]
    public void Text_that_is_no_UTF8_is_refused()
    {
        var bytes = Encode(new StatusReport { Text = "abc" });
        bytes[^1] = 0xFF;
        Assert.False(StatusCodec.TryDecode(bytes, out _, out var reason));
        Assert.Contains("UTF-8", reason, StringComparison.Ordinal);
        Assert.Equal("abc"u8.Length, Encoding.UTF8.GetByteCount("abc"));
    }

    [Fact]
    public void Same_content_does_not_look_at_sequence_and_time()
    {
        var report = WithFields(3, "v") with { Text = "t" };
        Assert.True(report.HasSameContent(report with { Sequence = 9, AtNanoseconds = 9 }));
        Assert.False(report.HasSameContent(report with { Code = 9 }));
        Assert.False(report.HasSameContent(WithFields(3, "w") with { Text = "t" }));
        Assert.NotEqual(report, report with { Sequence = 9 });
        Assert.Equal(report, WithFields(3, "v") with { Text = "t" });
    }

    internal static byte[] Encode(StatusReport report)
    {
        var buffer = new byte[StatusLimits.MaxEncodedBytes];
        return buffer[..StatusCodec.Encode(report, buffer)];
    }

    private static void AssertTooLarge(StatusReport report, long actual, long limit)
    {
        var error = Assert.Throws<StatusLimitException>(() => Encode(report));
        Assert.Equal((actual, limit), (error.Actual, error.Limit));
        Assert.Contains($"{actual}", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{limit}", error.Message, StringComparison.Ordinal);
    }

    private static StatusReport WithFields(int count, string value) =>
        new() { Fields = Enumerable.Range(0, count).ToDictionary(index => $"field-{index}", _ => new StatusValue(value)) };
}
