namespace Lifeline.Monitor;

/// <summary>What is to be done after a look at a heartbeat.</summary>
internal enum SilenceStep
{
    None,

    /// <summary>Most of the heartbeat is over: note how the machine is now, so that the next look can compare.</summary>
    Watch,

    /// <summary>A whole heartbeat without a sign.</summary>
    Silent,

    /// <summary>Nobody said in time why it is silent.</summary>
    NoAnswer,
}

/// <summary>
/// When a service is silent. A sign of life only moves a number: the deadline is looked at again when it comes, so a thousand
/// beating services cost no timers.
/// </summary>
internal sealed class HeartbeatWatch
{
    // A look that comes late by this share of the heartbeat says more about us (a stalled monitor) than about the service.
    private const int LateShare = 4;

    // The last quarter is compared with what was noted at its beginning. A service that beats at half the interval never gets there.
    private const int WatchShare = 4;

    private long _heartbeat;
    private long _lastSign;
    private long _extendedTo;
    private long _answerDue;
    private bool _isWatched;
    private bool _wasHeld;
    private bool _wasLate;

    /// <summary>When to look; null: not watched.</summary>
    public long? CheckAt { get; private set; }

    public long LastSign => _lastSign;

    /// <summary>When it is silent for too long, if no sign comes; null: not watched.</summary>
    public long? Limit => CheckAt is null ? null : IsAsked ? _answerDue : Math.Max(_lastSign + _heartbeat, _extendedTo);

    /// <summary>A whole heartbeat is over and the answer why is awaited.</summary>
    public bool IsAsked { get; private set; }

    /// <summary>Whether the look that found the silence was itself late.</summary>
    public bool IsLate => _wasLate;

    /// <summary>Why it was given more time since its last sign of life; null: it was not.</summary>
    public string? Extension { get; private set; }

    public void Begin(TimeSpan? heartbeat, long now)
    {
        if (heartbeat is not { } limit) return;
        if (CheckAt is not null && _heartbeat == Monotonic.Nanoseconds(limit)) return;
        _heartbeat = Monotonic.Nanoseconds(limit);
        NoteSign(now);
        CheckAt = WatchAt(now + _heartbeat);
    }

    public void NoteSign(long now)
    {
        _lastSign = now;
        _extendedTo = 0;
        _wasHeld = false;
        Extension = null;
        if (!IsAsked) return;
        IsAsked = false;
        CheckAt = WatchAt(now + _heartbeat);
    }

    /// <summary>It is given time until then, by its own wish.</summary>
    public void Extend(long until) => _extendedTo = Math.Max(_extendedTo, until);

    public void End()
    {
        CheckAt = null;
        IsAsked = false;
    }

    public SilenceStep Look(long now, TimeSpan answerTimeout)
    {
        if (IsAsked)
        {
            CheckAt = now >= _answerDue ? null : _answerDue;
            return CheckAt is null ? SilenceStep.NoAnswer : SilenceStep.None;
        }

        var limit = Math.Max(_lastSign + _heartbeat, _extendedTo);
        if (now >= limit)
        {
            _wasLate = now - limit > _heartbeat / LateShare;
            IsAsked = true;
            CheckAt = _answerDue = Monotonic.After(now, answerTimeout);
            return SilenceStep.Silent;
        }

        var step = SilenceStep.None;
        if (now < WatchAt(limit)) _isWatched = false;
        else if (!_isWatched) (_isWatched, step) = (true, SilenceStep.Watch);
        CheckAt = _isWatched ? limit : WatchAt(limit);
        return step;
    }

    /// <summary>It cannot give a sign now: a whole heartbeat more, again and again, and once more after that. True if that is news.</summary>
    public bool Hold(string reason, long now)
    {
        var isNews = Extension != reason;
        Extend(reason, now);
        _wasHeld = true;
        return isNews;
    }

    /// <summary>A whole heartbeat more, unless it was given that since its last sign.</summary>
    public bool TryExtend(string? reason, long now)
    {
        if (_wasHeld)
        {
            // It is free again since somewhere in the time that is over now.
            _wasHeld = false;
            Extend(Extension!, now);
            return true;
        }

        if (reason is null || Extension is not null) return false;
        Extend(reason, now);
        return true;
    }

    private void Extend(string reason, long now)
    {
        Extension = reason;
        IsAsked = _isWatched = false;
        _extendedTo = now + _heartbeat;
        CheckAt = WatchAt(_extendedTo);
    }

    private long WatchAt(long limit) => limit - (_heartbeat / WatchShare);
}
