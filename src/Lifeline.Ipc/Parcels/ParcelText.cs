using System.Runtime.InteropServices;
using System.Text;

namespace Lifeline.Ipc;

/// <summary>What text may stand in a parcel: valid Unicode without NUL.</summary>
internal static class ParcelText
{
    /// <summary>Checks a string that is to be written and gives its length in UTF-8.</summary>
    internal static int CountUtf8(string value, string operation)
    {
        int nul = value.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
            ParcelThrow.TextToWrite(operation, nul, "holds a NUL");
        if (Ascii.IsValid(value))
            return value.Length;
        int bad = IndexOfHalfPair(value);
        if (bad >= 0)
            ParcelThrow.TextToWrite(operation, bad, "holds half a surrogate pair");
        return Encoding.UTF8.GetByteCount(value);
    }

    /// <summary>Makes a string of received UTF-16 units, which may lie at an odd address.</summary>
    internal static string ReadUtf16(ReadOnlySpan<byte> units, string operation, int position)
    {
        string value = string.Create(units.Length / sizeof(char), units, static (target, source) => source.CopyTo(MemoryMarshal.AsBytes(target)));
        if (value.Contains('\0', StringComparison.Ordinal))
            ParcelThrow.TextRead(operation, position, "holds a NUL");
        if (IndexOfHalfPair(value) >= 0)
            ParcelThrow.TextRead(operation, position, "is not valid UTF-16");
        return value;
    }

    private static int IndexOfHalfPair(string value)
    {
        for (int i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
                continue;
            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
                return i;
            i++;
        }

        return -1;
    }
}
