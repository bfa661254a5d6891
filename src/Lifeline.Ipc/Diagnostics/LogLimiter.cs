namespace Lifeline.Ipc.Diagnostics;

/// <summary>Keeps what peers can cause from filling the log: so many messages in an interval, and how many were left out. Thread-safe.</summary>
internal sealed class LogLimiter(TimeProvider time)
{
    /// <summary>Messages of one kind in an interval.</summary>
    internal const int Messages = 10;

    private static readonly TimeSpan s_interval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private long _start;
    private int _used;
    private long _omitted;

    /// <summary>Whether one more may be logged.</summary>
    /// <param name="omitted">How many were left out before it.</param>
    internal bool TryTake(out long omitted)
    {
        lock (_gate)
        {
            omitted = 0;
            if (_used == 0 || time.GetElapsedTime(_start) >= s_interval)
            {
                _start = time.GetTimestamp();
                _used = 0;
            }

            if (_used >= Messages)
            {
                _omitted++;
                return false;
            }

            _used++;
            (omitted, _omitted) = (_omitted, 0);
            return true;
        }
    }
}
