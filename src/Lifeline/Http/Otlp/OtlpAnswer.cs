using System.Text;

namespace Lifeline.Http;

/// <summary>What came of one request.</summary>
/// <param name="Error">Why it failed; null: it was taken.</param>
/// <param name="IsForNow">The same may succeed later.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone; null: it said nothing.</param>
internal sealed record OtlpAnswer(string? Error, bool IsForNow, TimeSpan? RetryAfter)
{
    private const int MaxReason = 200;

    /// <summary>Values that the receiver did not want, of those in a request that it took.</summary>
    public long Rejected { get; private init; }

    /// <summary>Why it did not want them.</summary>
    public string Reason { get; private init; } = "";

    public static OtlpAnswer Later(string error, TimeSpan? retryAfter) => new(error, true, retryAfter);

    public static OtlpAnswer Never(string error) => new(error, false, null);

    /// <summary>Reads the answer to a request that was taken: a protobuf message, or something that is none and means nothing.</summary>
    public static OtlpAnswer Taken(ReadOnlySpan<byte> body)
    {
        var answer = new OtlpAnswer(null, false, null);
        // ExportMetricsServiceResponse.partial_success
        if (!TryReadField(ref body, out var field, out _, out var partial) || field != 1)
            return answer;
        while (TryReadField(ref partial, out field, out var number, out var bytes))
            answer = field switch
            {
                1 => answer with { Rejected = (long)number },
                2 => answer with { Reason = LineOf(Encoding.UTF8.GetString(bytes)) },
                _ => answer,
            };
        return answer;
    }

    // It goes into our log.
    private static string LineOf(string text) => string.Concat(text.Take(MaxReason).Select(c => char.IsControl(c) ? ' ' : c));

    private static bool TryReadField(ref ReadOnlySpan<byte> rest, out int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        (field, number) = (0, 0);
        bytes = default;
        if (!TryReadVarint(ref rest, out var tag))
            return false;
        field = (int)(tag >> 3);
        // Nothing else occurs in the few fields that are read here.
        if ((tag & 7) is not (0 or 2) || !TryReadVarint(ref rest, out number))
            return false;
        if ((tag & 7) == 0)
            return true;
        if (number > (ulong)rest.Length)
            return false;
        bytes = rest[..(int)number];
        rest = rest[(int)number..];
        return true;
    }

    private static bool TryReadVarint(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        value = 0;
        for (var i = 0; i < rest.Length && i < 10; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] > 0x7F)
                continue;
            rest = rest[(i + 1)..];
            return true;
        }

        return false;
    }
}
