namespace Lifeline.Ipc.Diagnostics;

/// <summary>What happened in an endpoint as a whole, and in its sessions that have ended. Thread-safe; all of it is rare.</summary>
internal sealed class EndpointCounts
{
    private long _opened;
    private long _closed;
    private long _violations;
    private long _obituaries;
    private long _alarms;

    /// <summary>The sums of ended sessions. Guarded by the endpoint.</summary>
    internal MeterReading Ended { get; } = new();

    internal void NoteOpened() => Interlocked.Increment(ref _opened);

    internal void NoteClosed() => Interlocked.Increment(ref _closed);

    internal void NoteViolation() => Interlocked.Increment(ref _violations);

    internal void NoteObituary() => Interlocked.Increment(ref _obituaries);

    internal void NoteProxyAlarm() => Interlocked.Increment(ref _alarms);

    internal void AddTo(MeterReading reading)
    {
        reading.SessionsOpened += Interlocked.Read(ref _opened);
        reading.SessionsClosed += Interlocked.Read(ref _closed);
        reading.Violations += Interlocked.Read(ref _violations);
        reading.Obituaries += Interlocked.Read(ref _obituaries);
        reading.ProxyAlarms += Interlocked.Read(ref _alarms);
    }
}
