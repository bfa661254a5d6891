using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Ancillary data of messages: descriptors and credentials.</summary>
internal static unsafe class ControlData
{
    /// <summary>Room for all descriptors and for credentials.</summary>
    public const int Capacity = 1088;

    private const int HeaderSize = 16;

    /// <summary>Writes descriptors; each is held open until the caller releases it.</summary>
    public static int WriteRights(byte* control, ReadOnlySpan<Descriptor> descriptors, Span<bool> held)
    {
        var length = HeaderSize + (descriptors.Length * 4);
        *(ulong*)control = (ulong)length;
        *(int*)(control + 8) = Libc.SocketLevel;
        *(int*)(control + 12) = Libc.ControlRights;
        for (var i = 0; i < descriptors.Length; i++)
        {
            descriptors[i].DangerousAddRef(ref held[i]);
            ((int*)(control + HeaderSize))[i] = descriptors[i].HeldNumber;
        }

        return Align(length);
    }

    public static (Descriptor[] Descriptors, PeerCredentials? Sender) Read(byte* control, int length)
    {
        Descriptor[]? descriptors = null;
        PeerCredentials? sender = null;
        for (var at = 0; at + HeaderSize <= length;)
        {
            var size = (int)*(ulong*)(control + at);
            if (size < HeaderSize || at + size > length)
                break;
            var level = *(int*)(control + at + 8);
            var type = *(int*)(control + at + 12);
            var data = control + at + HeaderSize;
            if (level == Libc.SocketLevel && type == Libc.ControlRights)
                descriptors = Append(descriptors, (int*)data, (size - HeaderSize) / 4);
            else if (level == Libc.SocketLevel && type == Libc.ControlCredentials && size - HeaderSize >= 12)
                sender = new PeerCredentials(((int*)data)[0], ((uint*)data)[1], ((uint*)data)[2]);
            at += Align(size);
        }

        return (descriptors ?? [], sender);
    }

    private static Descriptor[] Append(Descriptor[]? known, int* numbers, int count)
    {
        var all = new Descriptor[(known?.Length ?? 0) + count];
        known?.CopyTo(all, 0);
        for (var i = 0; i < count; i++)
            all[(known?.Length ?? 0) + i] = new Descriptor(numbers[i]);
        return all;
    }

    private static int Align(int length) => (length + 7) & ~7;
}
