using System.Runtime.InteropServices;
using System.Text;

namespace Lifeline.Linux.Native;

/// <summary>A null-terminated array of C strings, in one block.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private void* _block;

    public NativeStrings(IReadOnlyList<string> texts)
    {
        var bytes = 0;
        foreach (var text in texts)
        {
            RefuseZeroByte(text);
            bytes += Encoding.UTF8.GetByteCount(text) + 1;
        }

        var table = (texts.Count + 1) * sizeof(byte*);
        _block = NativeMemory.Alloc((nuint)(table + bytes));
        Pointer = (byte**)_block;
        var next = (byte*)_block + table;
        for (var i = 0; i < texts.Count; i++)
        {
            Pointer[i] = next;
            var room = Encoding.UTF8.GetByteCount(texts[i]);
            next += Encoding.UTF8.GetBytes(texts[i], new Span<byte>(next, room));
            *next++ = 0;
        }

        Pointer[texts.Count] = null;
    }

    public byte** Pointer { get; }

    /// <summary>A C string ends at its first zero byte: what follows would be cut off without a word, and another file meant.</summary>
    public static void RefuseZeroByte(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"\"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\" holds a zero byte, which no path, argument or variable can.", nameof(text));
    }

    public void Dispose()
    {
        NativeMemory.Free(_block);
        _block = null;
    }
}
