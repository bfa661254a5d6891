namespace Lifeline.Monitor;

/// <summary>
/// When a service is hung. A sign of life only moves a number: the deadline is looked at again when it comes, so a thousand
/// beating services cost no timers.
/// </summary>
internal sealed class HeartbeatWatch
{
    // A check that comes late by this share of the heartbeat says more about us (a stalled or suspended machine) than about the
    // service: it gets half a heartbeat more, once.
    private const int LateShare = 4;
    private const int ExtensionShare = 2;

    private long _heartbeat;
    private long _lastSign;
    private long _extendedTo;

    /// <summary>When to look; null: not watched.</summary>
    public long? CheckAt { get; private set; }

    public long LastSign => _lastSign;

    /// <summary>Whether it was given more time because we were late.</summary>
    public bool WasExtended { get; private set; }

    public void Begin(TimeSpan? heartbeat, long now)
    {
        if (heartbeat is not { } limit) return;
        if (CheckAt is not null && _heartbeat == Monotonic.Nanoseconds(limit)) return;
        _heartbeat = Monotonic.Nanoseconds(limit);
        NoteSign(now);
        CheckAt = now + _heartbeat;
    }

    public void NoteSign(long now)
    {
        _lastSign = now;
        _extendedTo = 0;
        WasExtended = false;
    }

    public void End() => CheckAt = null;

    /// <summary>Looks: true if there was no sign for a whole heartbeat.</summary>
    public bool IsSilent(long now)
    {
        var limit = Math.Max(_lastSign + _heartbeat, _extendedTo);
        if (now < limit)
        {
            CheckAt = limit;
            return false;
        }

        if (!WasExtended && now - limit > _heartbeat / LateShare)
        {
            WasExtended = true;
            _extendedTo = now + Math.Max(1, _heartbeat / ExtensionShare);
            CheckAt = _extendedTo;
            return false;
        }

        CheckAt = null;
        return true;
    }
}
