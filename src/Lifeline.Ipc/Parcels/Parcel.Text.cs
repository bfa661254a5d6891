using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Lifeline.Ipc;

// Strings and interface tokens.
public sealed unsafe partial class Parcel
{
    /// <summary>The bytes that an interface token or a stub's descriptor may take in UTF-8: 1 to 204 800. (In a parcel it is UTF-16: 102 393 ASCII characters fill an empty one.)</summary>
    public const int MaxTokenBytes = 204_800;

    /// <summary>The int32 with which an interface token begins.</summary>
    internal const int TokenHeader = 0x100;

    private const int TokenPrefix = 3 * sizeof(int);

    /// <summary>Writes a string as UTF-8 with a NUL at its end, padded with zeros to 4, without its length.</summary>
    /// <param name="value">At most 204 799 bytes of UTF-8, without NUL; may be empty (4 bytes).</param>
    /// <exception cref="ParcelException">The parcel is full or read-only, or the string holds a NUL or half a surrogate pair.</exception>
    public void WriteString(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        WriteText(value, 0, nameof(WriteString));
    }

    /// <summary>Reads a string that <see cref="WriteString"/> wrote.</summary>
    /// <exception cref="ParcelException">It does not end, is not UTF-8, or overlaps an object.</exception>
    public string ReadString() => ReadText(0, nameof(ReadString));

    /// <summary>Writes a string that is already UTF-8, in the format of <see cref="WriteString"/>.</summary>
    /// <param name="value">At most 204 799 bytes of UTF-8, without NUL; may be empty.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only, or the bytes hold a NUL or are not UTF-8.</exception>
    public void WriteUtf8String(ReadOnlySpan<byte> value)
    {
        const string operation = nameof(WriteUtf8String);
        EnsureWritable(operation);
        if (value.Length >= MaxDataSize)
            ParcelThrow.TooLarge(operation, (long)_size + value.Length + 1);
        int nul = value.IndexOf((byte)0);
        if (nul >= 0)
            ParcelThrow.TextToWrite(operation, nul, "holds a NUL");
        if (!Utf8.IsValid(value))
            ParcelThrow.TextToWrite(operation, 0, "is not valid UTF-8");

        int total = Pad(value.Length + 1);
        // Bytes read in place from this very parcel would be lost when it grows.
        if (total > WritableBytes && new ReadOnlySpan<byte>(_data, _blockLength).Overlaps(value))
            value = value.ToArray();
        var target = new Span<byte>(Reserve(total, operation), total);
        value.CopyTo(target);
        target[value.Length..].Clear();
        _size += total;
        GC.KeepAlive(this);
    }

    /// <summary>Reads a string that <see cref="WriteString"/> wrote, as UTF-8 in place, without its NUL.</summary>
    /// <returns>The bytes inside the parcel: valid until it is written, reset or disposed.</returns>
    /// <exception cref="ParcelException">It does not end, is not UTF-8, or overlaps an object.</exception>
    public ReadOnlySpan<byte> ReadUtf8String()
    {
        ReadOnlySpan<byte> text = PeekText(0, nameof(ReadUtf8String));
        SkipPadded(_read, text.Length + 1);
        return text;
    }

    /// <summary>Writes a truth value (is there a string?) and, if so, the string as <see cref="WriteString"/> does.</summary>
    /// <param name="value">A string or null.</param>
    /// <exception cref="ParcelException">As for <see cref="WriteString"/>.</exception>
    public void WriteNullableString(string? value)
    {
        if (value is null)
            WriteValue(0, nameof(WriteNullableString));
        else
            WriteText(value, sizeof(int), nameof(WriteNullableString));
    }

    /// <summary>Reads what <see cref="WriteNullableString"/> wrote.</summary>
    /// <exception cref="ParcelException">As for <see cref="ReadString"/>.</exception>
    public string? ReadNullableString()
    {
        const string operation = nameof(ReadNullableString);
        if (Unsafe.ReadUnaligned<int>(Peek(sizeof(int), operation)) != 0)
            return ReadText(sizeof(int), operation);
        _read += sizeof(int);
        return null;
    }

    /// <summary>Writes the name of the interface that a request is for: int32 0x100, int32 0, int32 count of UTF-16 units, the units, a NUL unit, padded to 4.</summary>
    /// <param name="token">1 to <see cref="MaxTokenBytes"/> bytes when counted in UTF-8, without NUL.</param>
    /// <exception cref="ParcelException">The token is empty, too long or no valid text; the parcel is full or read-only.</exception>
    public void WriteInterfaceToken(string token)
    {
        const string operation = nameof(WriteInterfaceToken);
        ArgumentNullException.ThrowIfNull(token);
        EnsureWritable(operation);
        if (token.Length is 0 or > MaxTokenBytes)
            ParcelThrow.TokenToWrite(operation, token.Length);
        int utf8Length = ParcelText.CountUtf8(token, operation);
        if (utf8Length > MaxTokenBytes)
            ParcelThrow.TokenToWrite(operation, utf8Length);

        ReadOnlySpan<byte> units = MemoryMarshal.AsBytes(token.AsSpan());
        int total = TokenPrefix + Pad(units.Length + sizeof(char));
        byte* target = Reserve(total, operation);
        Unsafe.WriteUnaligned(target, TokenHeader);
        Unsafe.WriteUnaligned(target + sizeof(int), 0);
        Unsafe.WriteUnaligned(target + (2 * sizeof(int)), token.Length);
        var text = new Span<byte>(target + TokenPrefix, total - TokenPrefix);
        units.CopyTo(text);
        text[units.Length..].Clear();
        _size += total;
        GC.KeepAlive(this);
    }

    /// <summary>Reads an interface token.</summary>
    /// <exception cref="ParcelException">There is none, or it is no valid text.</exception>
    public string ReadInterfaceToken()
    {
        const string operation = nameof(ReadInterfaceToken);
        ReadOnlySpan<byte> units = PeekToken(operation);
        string token = ParcelText.ReadUtf16(units, operation, _read);
        SkipToken(units.Length);
        return token;
    }

    /// <summary>Reads an interface token and checks that it is <paramref name="expected"/>, without allocating. On failure the read position stays before the token.</summary>
    /// <param name="expected">The descriptor of the stub that serves the request.</param>
    /// <exception cref="ParcelException">There is no token, or (<see cref="IpcError.InterfaceMismatch"/>) it is another.</exception>
    public void EnforceInterface(string expected)
    {
        const string operation = nameof(EnforceInterface);
        ArgumentNullException.ThrowIfNull(expected);
        ReadOnlySpan<byte> units = PeekToken(operation);
        if (!units.SequenceEqual(MemoryMarshal.AsBytes(expected.AsSpan())))
            ParcelThrow.OtherInterface(operation, expected, ParcelText.ReadUtf16(units, operation, _read));
        SkipToken(units.Length);
    }

    private void WriteText(string value, int prefix, string operation)
    {
        EnsureWritable(operation);
        if (value.Length >= MaxDataSize)
            ParcelThrow.TooLarge(operation, (long)_size + prefix + value.Length + 1);
        int length = ParcelText.CountUtf8(value, operation);
        int total = prefix + Pad(length + 1);
        byte* target = Reserve(total, operation);
        if (prefix != 0)
            Unsafe.WriteUnaligned(target, 1);
        var text = new Span<byte>(target + prefix, total - prefix);
        Encoding.UTF8.GetBytes(value, text);
        text[length..].Clear();
        _size += total;
        GC.KeepAlive(this);
    }

    private string ReadText(int prefix, string operation)
    {
        ReadOnlySpan<byte> text = PeekText(prefix, operation);
        string value = Encoding.UTF8.GetString(text);
        SkipPadded(_read + prefix, text.Length + 1);
        return value;
    }

    /// <summary>Finds the string behind <paramref name="prefix"/> bytes; the cursor stays.</summary>
    private ReadOnlySpan<byte> PeekText(int prefix, string operation)
    {
        int left = _size - _read - prefix;
        if (left <= 0)
            FailShort(prefix + 1L, operation);
        int length = new ReadOnlySpan<byte>(_data + _read + prefix, left).IndexOf((byte)0);
        if (length < 0)
            ParcelThrow.TextRead(operation, _read + prefix, "has no NUL at its end");
        byte* start = Peek(prefix + Math.Min(Pad(length + 1), left), operation) + prefix;
        var text = new ReadOnlySpan<byte>(start, length);
        if (!Utf8.IsValid(text))
            ParcelThrow.TextRead(operation, _read + prefix, "is not valid UTF-8");
        return text;
    }

    /// <summary>Finds the UTF-16 units of a token, without their NUL; the cursor stays.</summary>
    private ReadOnlySpan<byte> PeekToken(string operation)
    {
        byte* start = Peek(TokenPrefix, operation);
        int header = Unsafe.ReadUnaligned<int>(start);
        if (header != TokenHeader)
            ParcelThrow.NoToken(operation, _read, header);
        int count = Unsafe.ReadUnaligned<int>(start + (2 * sizeof(int)));
        int left = _size - _read - TokenPrefix;
        int most = (left / sizeof(char)) - 1;
        if (count < 0 || count > most)
            ParcelThrow.Length(operation, IpcError.ParcelRead, count, Math.Max(0, most));
        int length = count * sizeof(char);
        start = Peek(TokenPrefix + Math.Min(Pad(length + sizeof(char)), left), operation);
        if (Unsafe.ReadUnaligned<char>(start + TokenPrefix + length) != '\0')
            ParcelThrow.TextRead(operation, _read, "has no NUL at its end");
        return new ReadOnlySpan<byte>(start + TokenPrefix, length);
    }

    private void SkipToken(int length) => SkipPadded(_read + TokenPrefix, length + sizeof(char));
}
