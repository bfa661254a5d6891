namespace Lifeline.Keeper;

/// <summary>Whom an epoll event is for.</summary>
internal enum EventSource : byte
{
    Signals = 1,
    MonitorLink,
    MonitorProcess,
    Launcher,
    Instance,
}

/// <summary>An epoll tag: source (8 bits), epoch (24) and index (32). The epoch exposes events of an entry that was used again meanwhile.</summary>
internal static class EventTag
{
    private const int EpochMask = 0xFF_FFFF;

    public static ulong Make(EventSource source, int index = 0, int epoch = 0) =>
        ((ulong)source << 56) | ((ulong)(uint)(epoch & EpochMask) << 32) | (uint)index;

    public static EventSource Source(ulong tag) => (EventSource)(tag >> 56);

    public static int Index(ulong tag) => (int)(uint)tag;

    public static bool IsEpoch(ulong tag, int epoch) => (int)((tag >> 32) & EpochMask) == (epoch & EpochMask);
}
