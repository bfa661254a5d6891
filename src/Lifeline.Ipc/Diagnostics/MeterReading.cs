namespace Lifeline.Ipc.Diagnostics;

/// <summary>The figures of one or more endpoints at a moment.</summary>
internal sealed class MeterReading
{
    internal long Sessions;
    internal long SessionsOpened;
    internal long SessionsClosed;
    internal long CallsMade;
    internal long CallsReceived;
    internal long CallsFailed;
    internal long CallsPending;
    internal long OneWaySent;
    internal long OneWayReceived;
    internal long OneWayHandled;
    internal long Refused;
    internal long Slow;
    internal long LongWaits;
    internal long WorkersFull;
    internal long Workers;
    internal long LateReplies;
    internal long BytesSent;
    internal long BytesReceived;
    internal long QueuedRequests;
    internal long QueuedInBytes;
    internal long QueuedOutBytes;
    internal long BlockBytes;
    internal long HeldStubs;
    internal long GivenStubs;
    internal long Violations;
    internal long Obituaries;
    internal long ProxyAlarms;

    internal Dictionary<string, long> LimitsReached { get; } = [];

    /// <summary>Adds what went through a session.</summary>
    internal void Add(SessionCounters counters)
    {
        CallsMade += counters.Sent.Calls;
        OneWaySent += counters.Sent.OneWays;
        BytesSent += counters.Sent.Bytes;
        CallsReceived += counters.Received.Calls;
        OneWayReceived += counters.Received.OneWays;
        BytesReceived += counters.Received.Bytes;
        CallsFailed += Interlocked.Read(ref counters.Failed);
        Refused += Interlocked.Read(ref counters.Refused);
    }

    /// <summary>Adds the sums of sessions that have ended.</summary>
    internal void Add(MeterReading ended)
    {
        CallsMade += ended.CallsMade;
        OneWaySent += ended.OneWaySent;
        BytesSent += ended.BytesSent;
        CallsReceived += ended.CallsReceived;
        OneWayReceived += ended.OneWayReceived;
        BytesReceived += ended.BytesReceived;
        CallsFailed += ended.CallsFailed;
        Refused += ended.Refused;
    }
}
