using System.Buffers.Binary;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>Takes decisions out of an input; zeros when it is used up.</summary>
internal ref struct FuzzInput(ReadOnlySpan<byte> bytes)
{
    internal ReadOnlySpan<byte> Rest { get; private set; } = bytes;

    internal readonly bool IsEmpty => Rest.IsEmpty;

    internal byte Byte() => Take(1) is [var value] ? value : (byte)0;

    internal int Int32()
    {
        Span<byte> number = stackalloc byte[4];
        Take(4).CopyTo(number);
        return BinaryPrimitives.ReadInt32LittleEndian(number);
    }

    internal long Int64()
    {
        Span<byte> number = stackalloc byte[8];
        Take(8).CopyTo(number);
        return BinaryPrimitives.ReadInt64LittleEndian(number);
    }

    internal ReadOnlySpan<byte> Take(int count)
    {
        count = Math.Min(count, Rest.Length);
        ReadOnlySpan<byte> taken = Rest[..count];
        Rest = Rest[count..];
        return taken;
    }
}
