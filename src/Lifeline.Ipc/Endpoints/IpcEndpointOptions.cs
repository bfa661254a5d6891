using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lifeline.Ipc;

/// <summary>The limits and hooks of an endpoint. Read once when the endpoint is made; later changes do nothing.</summary>
public sealed class IpcEndpointOptions
{
    /// <summary>Sessions that may be open at once, both ways: 1 to 1 000 000, default 16 384. The next one is refused.</summary>
    public int MaxSessions { get; set; } = 16_384;

    /// <summary>Accepted sessions of one user that may be open at once: default 8192. Does not count for user 0 and for the endpoint's own user.</summary>
    public int MaxSessionsPerUid { get; set; } = 8192;

    /// <summary>Calls that may wait for a reply at once in one session: default 4096. The next fails with <see cref="IpcError.LimitReached"/>.</summary>
    public int MaxPendingCalls { get; set; } = 4096;

    /// <summary>Stubs of this process that the peer of one session may hold: default 65 536. Writing one more fails with <see cref="IpcError.LimitReached"/>.</summary>
    public int MaxExportedObjects { get; set; } = 65_536;

    /// <summary>Stubs of the peer that this process may hold through one session: default 65 536. A peer is told of it: writing one more fails there with <see cref="IpcError.LimitReached"/>, and who sends it nevertheless loses its session.</summary>
    public int MaxImportedObjects { get; set; } = 65_536;

    /// <summary>Requests of one session that may be waiting or running here: 4 to 1 000 000, default 1024. The peer holds further ones back.</summary>
    public int InboxMessages { get; set; } = 1024;

    /// <summary>Bytes of the requests of one session that may be waiting or running here: at least 1 MiB, default 4 MiB. The peer holds further ones back.</summary>
    public int InboxBytes { get; set; } = 4 << 20;

    /// <summary>
    /// Bytes that wait here for a peer that does not read fast enough: at least 256 KiB, default 2 MiB. Beyond it one-way calls
    /// fail with <see cref="IpcError.QueueFull"/>, calls wait for room, and no new call of that peer is begun. At 64 MiB
    /// more than this the session is closed.
    /// </summary>
    public int OutboxBytes { get; set; } = 2 << 20;

    /// <summary>
    /// Bytes of the ring in shared memory that each direction of a session gets: a power of two from 4096 to 16 MiB, default 256 KiB;
    /// 0 for the socket alone. Who connects offers them; they are used if both sides want to and the system allows it.
    /// </summary>
    public int RingBytes { get; set; } = 256 << 10;

    /// <summary>The largest rings that are accepted from who connects: 4096 to 16 MiB, default 1 MiB. Such a session uses the socket alone.</summary>
    public int MaxRingBytes { get; set; } = 1 << 20;

    /// <summary>Descriptors in one request or reply from a peer: 0 to <see cref="Parcel.MaxDescriptors"/>, default 253. A call with more is answered <see cref="IpcError.LimitReached"/>, such a reply fails the call, a one-way call is dropped.</summary>
    public int MaxDescriptorsPerParcel { get; set; } = Parcel.MaxDescriptors;

    /// <summary>
    /// Bytes of shared blocks, raw blocks and streams from the peer of one session that this process may hold at once: 1 MiB to 1 TiB, default 4 GiB.
    /// They count from when they are read out of a parcel until the last object and map of them is disposed. Reading one more fails with <see cref="IpcLimitException"/>.
    /// </summary>
    public long MaxBlockBytes { get; set; } = 4L << 30;

    /// <summary>
    /// Whether peers that die are noticed before the kernel has taken their memory down, and peers can notice the same of this
    /// process: default true. It costs one thread and one page for the whole process.
    /// </summary>
    public bool EarlyDeathNotice { get; set; } = true;

    /// <summary>
    /// How long one-way calls may gather while many sessions send them and nothing else comes (more than two thousand wake-ups a second, at the default): 0 to 10 ms in whole
    /// milliseconds, default 1 ms, 0 for never. It saves most of the wake-ups; a call that comes at such a moment waits for so long, a death does not.
    /// </summary>
    public TimeSpan GatherTime { get; set; } = TimeSpan.FromMilliseconds(1);

    /// <summary>Threads that run handlers: 1 to 32, default 16. Those that block in a call of their own are not counted.</summary>
    public int Workers { get; set; } = 16;

    /// <summary>
    /// How long a handler may take before it is logged and counted as slow: at least 20 ms, default 500 ms; <see cref="Timeout.InfiniteTimeSpan"/> for never.
    /// The same time is how long all workers may be busy while requests wait. Measured to a quarter of it; costs no clock reading for each request.
    /// </summary>
    public TimeSpan SlowCallThreshold { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a caller may wait for its reply before that is logged and counted, while it waits: at least 20 ms, default 2 s; <see cref="Timeout.InfiniteTimeSpan"/> for never.
    /// Measured to a quarter of it; costs no clock reading for each call. Calls inside a process are not watched.
    /// </summary>
    public TimeSpan LongWaitThreshold { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether the statistics tell how long handlers take: default false, as it costs two readings of the clock for each request.</summary>
    public bool TimeHandlers { get; set; }

    /// <summary>Rows of statistics (one for each session, stub and request code) in the whole endpoint: 0 to 1 000 000, default 16 384. What has no row of its own is counted in one for each session.</summary>
    public int MaxStatisticsRows { get; set; } = 16_384;

    /// <summary>Sees each call and request; default none. <see cref="ActivityTracer"/> is one.</summary>
    public IpcTracer? Tracer { get; set; }

    /// <summary>The number of held stubs of one peer at which an alarm is logged and <see cref="OnProxyCountAlarm"/> called: default 6000, 0 for never. The next alarm comes only after the number fell by a tenth.</summary>
    public int ProxyCountAlarm { get; set; } = 6000;

    /// <summary>Told of the alarm, on a worker; default nobody.</summary>
    public Action<ProxyCountAlarm>? OnProxyCountAlarm { get; set; }

    /// <summary>How long a new connection may take for the handshake: default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call waits for its reply unless it says otherwise: default 30 s; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long obituaries wait at most for one-way calls that came before the death and are not handled yet: default 1 s.</summary>
    public TimeSpan DeliveryGrace { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a ticket, with which a stub is handed on to a third process, can be redeemed: default 30 s.</summary>
    public TimeSpan TicketLifetime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Tickets that may be outstanding at once: default 4096. One peer gets an eighth of them at most.</summary>
    public int MaxTickets { get; set; } = 4096;

    /// <summary>Decides about each process that connects: null accepts it, a text refuses it and is sent to it as the reason. Runs on a worker. Default: everyone is accepted.</summary>
    public Func<CallerIdentity, string?>? Accept { get; set; }

    /// <summary>Where the endpoint logs; default nowhere.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    /// <summary>The clock and the timers; default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>A name for the threads, 1 to 8 characters; default <c>ipc</c>.</summary>
    public string Name { get; set; } = "ipc";

    /// <summary>A copy that was checked.</summary>
    internal IpcEndpointOptions Validated()
    {
        var copy = (IpcEndpointOptions)MemberwiseClone();
        Range(MaxSessions, 1, 1_000_000, nameof(MaxSessions));
        Range(MaxSessionsPerUid, 1, 1_000_000, nameof(MaxSessionsPerUid));
        Range(MaxPendingCalls, 1, 1_000_000, nameof(MaxPendingCalls));
        Range(MaxExportedObjects, 1, 10_000_000, nameof(MaxExportedObjects));
        Range(MaxImportedObjects, 1, 10_000_000, nameof(MaxImportedObjects));
        Range(InboxMessages, 4, 1_000_000, nameof(InboxMessages));
        Range(InboxBytes, 1 << 20, int.MaxValue, nameof(InboxBytes));
        Range(OutboxBytes, 256 << 10, 256 << 20, nameof(OutboxBytes));
        if (RingBytes != 0 && !Rings.RingMemory.IsValidSize(RingBytes))
            throw new ArgumentOutOfRangeException(nameof(RingBytes), RingBytes, $"{nameof(RingBytes)} must be 0 or a power of two from {Rings.RingMemory.MinRingBytes} to {Rings.RingMemory.MaxRingBytes}");
        Range(MaxRingBytes, Rings.RingMemory.MinRingBytes, Rings.RingMemory.MaxRingBytes, nameof(MaxRingBytes));
        Range(MaxDescriptorsPerParcel, 0, Parcel.MaxDescriptors, nameof(MaxDescriptorsPerParcel));
        Range(MaxBlockBytes, 1 << 20, 1L << 40, nameof(MaxBlockBytes));
        // The system's waits count in milliseconds: a part of one would be none.
        if (GatherTime < TimeSpan.Zero || GatherTime > TimeSpan.FromMilliseconds(10) || GatherTime.Ticks % TimeSpan.TicksPerMillisecond != 0)
            throw new ArgumentOutOfRangeException(nameof(GatherTime), GatherTime, $"{nameof(GatherTime)} must be 0 to 10 whole milliseconds");
        Range(Workers, 1, 32, nameof(Workers));
        Range(MaxStatisticsRows, 0, 1_000_000, nameof(MaxStatisticsRows));
        Range(ProxyCountAlarm, 0, int.MaxValue, nameof(ProxyCountAlarm));
        Threshold(SlowCallThreshold, nameof(SlowCallThreshold));
        Threshold(LongWaitThreshold, nameof(LongWaitThreshold));

        Range(MaxTickets, 1, 1_000_000, nameof(MaxTickets));
        Positive(HandshakeTimeout, nameof(HandshakeTimeout));
        Positive(TicketLifetime, nameof(TicketLifetime));
        if (DeliveryGrace < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(DeliveryGrace), DeliveryGrace, "must not be negative");
        if (CallTimeout != Timeout.InfiniteTimeSpan)
            Positive(CallTimeout, nameof(CallTimeout));
        ArgumentNullException.ThrowIfNull(Logger);
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentException.ThrowIfNullOrEmpty(Name);
        return copy;
    }

    private static void Range(long value, long min, long max, string name)
    {
        if (value < min || value > max)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {min} to {max}");
    }

    private static void Threshold(TimeSpan value, string name)
    {
        if (value == Timeout.InfiniteTimeSpan)
            return;
        Positive(value, name);
        Range((long)value.TotalMilliseconds, 20, int.MaxValue, name);
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero || value.TotalMilliseconds > int.MaxValue)
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be positive and below 24 days");
    }
}
