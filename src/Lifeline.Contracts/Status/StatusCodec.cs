using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Contracts;

/// <summary>
/// A status as bytes, the same in the status slot and in a parcel. Little-endian, without padding:
/// version (1), health, ready (0 not said, 1 no, 2 yes), number of fields, all one byte; code (int32); sequence, time (int64);
/// text (uint16 length, UTF-8); then each field: name (one byte length, UTF-8), kind, and 8 bytes (integer, number),
/// one byte (boolean) or uint16 length and UTF-8 (text). Thread-safe.
/// </summary>
public static class StatusCodec
{
    /// <summary>The version that <see cref="Encode(StatusReport, Span{byte})"/> writes and the only one that is read.</summary>
    public const byte Version = 1;

    private const int FixedBytes = 24;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Writes a status and returns how many bytes of the destination were used.</summary>
    /// <param name="report">The status.</param>
    /// <param name="destination">At least <see cref="StatusLimits.MaxEncodedBytes"/> long to hold any status.</param>
    /// <exception cref="StatusLimitException">The status is larger than <see cref="StatusLimits"/> allow, or its text is no valid UTF-16.</exception>
    public static int Encode(StatusReport report, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(report);
        return Encode(report.Health, report.Code, report.Text, report.Fields, report.Ready, report.Sequence, report.AtNanoseconds, destination);
    }

    /// <summary>As the other overload, from parts: allocates nothing if there are no fields.</summary>
    /// <exception cref="StatusLimitException">The status is larger than <see cref="StatusLimits"/> allow, or its text is no valid UTF-16.</exception>
    public static int Encode(
        ServiceHealth health,
        int code,
        string text,
        IReadOnlyDictionary<string, StatusValue>? fields,
        bool? ready,
        long sequence,
        long atNanoseconds,
        Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (health is < ServiceHealth.Unknown or > ServiceHealth.Unhealthy)
            throw new ArgumentOutOfRangeException(nameof(health), health, "No such health.");
        var count = fields?.Count ?? 0;
        if (count > StatusLimits.MaxFields)
            throw new StatusLimitException("The number of status fields", count, StatusLimits.MaxFields);
        var writer = new Writer(destination);
        var head = writer.Take(FixedBytes);
        head[0] = Version;
        head[1] = (byte)health;
        head[2] = ready switch { null => 0, false => 1, true => 2 };
        head[3] = (byte)count;
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], code);
        BinaryPrimitives.WriteInt64LittleEndian(head[8..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], atNanoseconds);
        writer.WriteText(text, StatusLimits.MaxTextBytes, 2, "The status text, in bytes of UTF-8,");
        if (count != 0)
            EncodeFields(fields!, count, ref writer);
        return writer.Written;
    }

    /// <summary>Reads a status. Never throws, whatever the bytes are.</summary>
    /// <param name="source">Exactly one encoded status. It must not change meanwhile: copy it out of shared memory first.</param>
    /// <param name="report">The status, or null.</param>
    /// <param name="reason">What was wrong, or null.</param>
    /// <returns>Whether all of the bytes are one status within <see cref="StatusLimits"/>.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, out StatusReport? report, out string? reason)
    {
        report = null;
        if (source.Length is < FixedBytes + 2 or > StatusLimits.MaxEncodedBytes)
        {
            reason = $"a status of {source.Length} bytes";
            return false;
        }

        if (source[0] != Version || source[1] > (byte)ServiceHealth.Unhealthy || source[2] > 2 || source[3] > StatusLimits.MaxFields)
        {
            reason = $"a status head of version {source[0]}, health {source[1]}, ready {source[2]}, {source[3]} fields";
            return false;
        }

        var rest = source[FixedBytes..];
        if (!TryReadText(ref rest, 2, StatusLimits.MaxTextBytes, out var text))
        {
            reason = "the status text is cut short, too long or no UTF-8";
            return false;
        }

        if (!TryDecodeFields(ref rest, source[3], out var fields, out reason))
            return false;
        if (!rest.IsEmpty)
        {
            reason = $"{rest.Length} bytes after the status";
            return false;
        }

        report = new StatusReport
        {
            Health = (ServiceHealth)source[1],
            Ready = source[2] switch { 0 => null, 1 => false, _ => true },
            Code = BinaryPrimitives.ReadInt32LittleEndian(source[4..]),
            Sequence = BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
            AtNanoseconds = BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            Text = text,
            Fields = fields,
        };
        return true;
    }

    private static void EncodeFields(IReadOnlyDictionary<string, StatusValue> fields, int count, ref Writer writer)
    {
        var seen = 0;
        foreach (var (name, value) in fields)
        {
            if (++seen > count)
                break;
            if (name.Length == 0)
                throw new StatusLimitException("A status field has an empty name.");
            writer.WriteText(name, StatusLimits.MaxFieldNameBytes, 1, "The name of a status field, in bytes of UTF-8,");
            writer.Take(1)[0] = (byte)value.Kind;
            switch (value.Kind)
            {
                case StatusValueKind.Integer:
                    BinaryPrimitives.WriteInt64LittleEndian(writer.Take(8), value.AsInteger());
                    break;
                case StatusValueKind.Number:
                    BinaryPrimitives.WriteDoubleLittleEndian(writer.Take(8), value.AsNumber());
                    break;
                case StatusValueKind.Boolean:
                    writer.Take(1)[0] = value.AsBoolean() ? (byte)1 : (byte)0;
                    break;
                default:
                    writer.WriteText(value.AsText(), StatusLimits.MaxFieldTextBytes, 2, "The text of a status field, in bytes of UTF-8,");
                    break;
            }
        }

        if (seen != count)
            throw new StatusLimitException("The status fields changed while they were encoded.");
    }

    private static bool TryDecodeFields(
        ref ReadOnlySpan<byte> rest, int count, out IReadOnlyDictionary<string, StatusValue> fields, out string? reason)
    {
        fields = StatusReport.NoFields;
        reason = null;
        if (count == 0)
            return true;
        var read = new Dictionary<string, StatusValue>(count, StringComparer.Ordinal);
        for (var index = 0; index < count; index++)
        {
            if (!TryReadText(ref rest, 1, StatusLimits.MaxFieldNameBytes, out var name) || name.Length == 0)
            {
                reason = $"the name of status field {index} is empty, cut short, too long or no UTF-8";
                return false;
            }

            if (!TryDecodeValue(ref rest, out var value) || !read.TryAdd(name, value))
            {
                reason = $"the value of status field {index} is invalid, or its name is there twice";
                return false;
            }
        }

        fields = read;
        return true;
    }

    private static bool TryDecodeValue(ref ReadOnlySpan<byte> rest, out StatusValue value)
    {
        value = default;
        if (rest.IsEmpty)
            return false;
        var kind = (StatusValueKind)rest[0];
        rest = rest[1..];
        switch (kind)
        {
            case StatusValueKind.Integer when rest.Length >= 8:
                value = BinaryPrimitives.ReadInt64LittleEndian(rest);
                rest = rest[8..];
                return true;
            case StatusValueKind.Number when rest.Length >= 8 && double.IsFinite(BinaryPrimitives.ReadDoubleLittleEndian(rest)):
                value = BinaryPrimitives.ReadDoubleLittleEndian(rest);
                rest = rest[8..];
                return true;
            case StatusValueKind.Boolean when rest.Length >= 1 && rest[0] <= 1:
                value = rest[0] == 1;
                rest = rest[1..];
                return true;
            case StatusValueKind.Text when TryReadText(ref rest, 2, StatusLimits.MaxFieldTextBytes, out var text):
                value = text;
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> rest, int lengthBytes, int limit, out string text)
    {
        text = "";
        if (rest.Length < lengthBytes)
            return false;
        int length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16LittleEndian(rest);
        if (length > limit || length > rest.Length - lengthBytes)
            return false;
        var bytes = rest.Slice(lengthBytes, length);
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return false;
        text = Strict.GetString(bytes);
        rest = rest[(lengthBytes + length)..];
        return true;
    }

    private ref struct Writer(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Written { get; private set; }

        public Span<byte> Take(int count)
        {
            if (count > _destination.Length - Written || count > StatusLimits.MaxEncodedBytes - Written)
                throw TooLarge(Written + count);
            var taken = _destination.Slice(Written, count);
            Written += count;
            return taken;
        }

        public void WriteText(string text, int limit, int lengthBytes, string what)
        {
            int length;
            try
            {
                length = Strict.GetByteCount(text);
            }
            catch (EncoderFallbackException e)
            {
                throw new StatusLimitException($"A text of the status is no valid UTF-16 at index {e.Index}.", e);
            }

            if (length > limit)
                throw new StatusLimitException(what, length, limit);
            var prefix = Take(lengthBytes);
            if (lengthBytes == 1)
                prefix[0] = (byte)length;
            else
                BinaryPrimitives.WriteUInt16LittleEndian(prefix, (ushort)length);
            Strict.GetBytes(text, Take(length));
        }

        private readonly StatusLimitException TooLarge(int needed) =>
            new("The encoded status, in bytes,", needed, Math.Min(_destination.Length, StatusLimits.MaxEncodedBytes));
    }
}
