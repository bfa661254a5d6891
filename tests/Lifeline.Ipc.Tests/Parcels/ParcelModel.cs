using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Ipc.Tests.Parcels;

/// <summary>What a parcel is, said as simply as possible: a list of bytes, a list of offsets of null objects, two cursors. Each operation gives its outcome as text.</summary>
internal sealed class ParcelModel
{
    private static readonly UTF8Encoding Strict = new(false, true);
    private int _capacity;

    internal List<byte> Bytes { get; private set; } = [];

    internal List<int> Objects { get; private set; } = [];

    internal int Read { get; private set; }

    internal int Writable => _capacity - Bytes.Count;

    internal int Readable => Math.Max(0, Bytes.Count - Read);

    internal string Write(params IEnumerable<byte> value) => Put([.. value]);

    internal string WriteNull()
    {
        if (Objects.Count == 1024)
            return "TooManyObjects";
        int offset = Bytes.Count;
        string outcome = Put(new byte[24]);
        if (outcome == "ok")
            Objects.Add(offset);
        return outcome;
    }

    internal string WriteText(string text, bool nullable)
    {
        if (!IsText(text))
            return "InvalidText";
        byte[] value = [.. nullable ? Int(1) : [], .. Strict.GetBytes(text), 0];
        return Put(value);
    }

    internal string WriteToken(string token)
    {
        if (token.Length == 0)
            return "InvalidLength";
        if (!IsText(token))
            return "InvalidText";
        if (Strict.GetByteCount(token) > 204_800)
            return "InvalidLength";
        return Put([.. Int(0x100), .. Int(0), .. Int(token.Length), .. Encoding.Unicode.GetBytes(token), 0, 0]);
    }

    internal string Append(ParcelModel other)
    {
        if (Objects.Count + other.Objects.Count > 1024)
            return "TooManyObjects";
        int start = Bytes.Count;
        int[] moved = [.. other.Objects.Select(o => o + start)];
        string outcome = Put([.. other.Bytes]);
        if (outcome == "ok")
            Objects.AddRange(moved);
        return outcome;
    }

    internal string RewindRead(int position)
    {
        if (position < 0 || position > Bytes.Count)
            return "InvalidPosition";
        Read = position;
        return "ok";
    }

    internal string RewindWrite(int position)
    {
        if (position < 0 || position > Bytes.Count)
            return "InvalidPosition";
        Bytes = Bytes[..position];
        Objects = [.. Objects.Where(o => o + 24 <= position)];
        return "ok";
    }

    internal string Reset()
    {
        Bytes = [];
        Objects = [];
        Read = 0;
        return "ok";
    }

    internal string ReadRaw(int length)
    {
        string? refusal = Refusal(Read, length);
        if (refusal is not null)
            return refusal;
        string value = Hex(Read, length);
        Read += length;
        return value;
    }

    internal string ReadObject()
    {
        if (!Objects.Contains(Read))
            return "NoObject";
        Read += 24;
        return "null";
    }

    internal string ReadText(bool nullable)
    {
        int start = Read;
        if (nullable)
        {
            string flag = ReadRaw(4);
            if (flag is "00000000")
                return "null";
            if (Read == start)
                return flag;
        }

        int text = Read;
        Read = start;
        if (Bytes.Count - text <= 0)
            return "ShortRead";
        int end = Bytes.IndexOf(0, text);
        if (end < 0)
            return "InvalidText";
        int next = Math.Min(Bytes.Count, text + Pad(end - text + 1));
        if (Refusal(start, next - start) is { } refusal)
            return refusal;
        try
        {
            string value = Strict.GetString([.. Bytes[text..end]]);
            Read = next;
            return "\"" + value + "\"";
        }
        catch (DecoderFallbackException)
        {
            return "InvalidText";
        }
    }

    internal string ReadToken()
    {
        if (Refusal(Read, 12) is { } refusal)
            return refusal;
        if (IntAt(Read) != 0x100)
            return "BadToken";
        int count = IntAt(Read + 8);
        int text = Read + 12;
        if (count < 0 || text + ((count + 1L) * 2) > Bytes.Count)
            return "InvalidLength";
        int next = Math.Min(Bytes.Count, text + Pad((count + 1) * 2));
        if (Refusal(Read, next - Read) is { } overlap)
            return overlap;
        string value = Encoding.Unicode.GetString([.. Bytes.Slice(text, (count + 1) * 2)]);
        if (value[^1] != 0 || !IsText(value[..^1]) || value.Contains('\ufffd', StringComparison.Ordinal))
            return "InvalidText";
        Read = next;
        return "\"" + value[..^1] + "\"";
    }

    internal string ReadCounted(int elementSize)
    {
        if (Refusal(Read, 4) is { } refusal)
            return refusal;
        int count = IntAt(Read);
        if (count < 0 || (long)count * elementSize > Bytes.Count - Read - 4)
            return "InvalidLength";
        int next = Math.Min(Bytes.Count, Read + 4 + Pad(count * elementSize));
        if (Refusal(Read, next - Read) is { } overlap)
            return overlap;
        string value = Hex(Read + 4, count * elementSize);
        Read = next;
        return value;
    }

    internal static byte[] Int(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return bytes;
    }

    private static int Pad(int length) => (length + 3) / 4 * 4;

    private static bool IsText(string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
            return false;
        try
        {
            return Strict.GetByteCount(value) >= 0;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    private string Put(byte[] value)
    {
        int need = Bytes.Count + Pad(value.Length);
        if (need > 204_800)
            return "TooLarge";
        if (need > _capacity)
            _capacity = Grown(need);
        Bytes.AddRange(value);
        Bytes.AddRange(new byte[Pad(value.Length) - value.Length]);
        return "ok";
    }

    private static int Grown(int need)
    {
        if (need > 4096)
        {
            int pages = 4096;
            while (pages <= need)
                pages += 4096;
            return Math.Min(pages, 204_800);
        }

        int capacity = 64;
        while (capacity < need)
            capacity += capacity;
        return capacity;
    }

    private string? Refusal(int start, int length)
    {
        if (start + (long)length > Bytes.Count)
            return "ShortRead";
        return Objects.Any(o => o < start + length && o + 24 > start && length > 0) ? "ObjectOverlap" : null;
    }

    private int IntAt(int offset) => BinaryPrimitives.ReadInt32LittleEndian([.. Bytes.Slice(offset, 4)]);

    private string Hex(int offset, int length) => Convert.ToHexString([.. Bytes.Slice(offset, length)]);
}
