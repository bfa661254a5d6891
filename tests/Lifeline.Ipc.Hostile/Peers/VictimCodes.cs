namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>The requests of the victim's root stub; the campaign has the same numbers.</summary>
internal static class VictimCodes
{
    /// <summary>Gives an int32 back, plus one.</summary>
    internal const uint Increment = 1;

    /// <summary>Gives as many bytes back as the int32 says.</summary>
    internal const uint Bulk = 2;

    /// <summary>One-way: int32 stream, int32 number (from 0, in order), int32 length, bytes that follow from the number.</summary>
    internal const uint Numbered = 3;

    /// <summary>Reads int32 count stubs and keeps them until the session ends.</summary>
    internal const uint Keep = 4;

    /// <summary>Reads descriptors until there is none left.</summary>
    internal const uint Descriptors = 5;

    /// <summary>Does not answer.</summary>
    internal const uint Hang = 6;

    /// <summary>The bytes of a numbered message.</summary>
    internal static byte[] Contents(int number, int length)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++)
            bytes[i] = (byte)((number * 31) + i);
        return bytes;
    }
}
