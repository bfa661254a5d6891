namespace Lifeline.Keeper;

/// <summary>What is to be done about a keeper's signs of life.</summary>
internal enum KeeperPulseState
{
    Good,

    /// <summary>It has said nothing for a while: ask it.</summary>
    Ask,

    /// <summary>It was asked and does not answer.</summary>
    Silent,
}

/// <summary>
/// When a keeper is taken for hung: it answers nothing for <paramref name="limit"/> although it was asked. A look that comes late says more
/// about this process, or the machine, than about the keeper: then the time is counted afresh. Not thread-safe.
/// </summary>
/// <param name="limit">How long it may be silent; negative: for ever.</param>
internal sealed class KeeperPulse(TimeSpan limit)
{
    private readonly long _limit = KeeperTiming.Nanoseconds(limit);
    private readonly long _interval = Math.Min(KeeperTiming.Nanoseconds(KeeperTiming.PingInterval), Math.Max(1, KeeperTiming.Nanoseconds(limit) / 3));
    private long _lastSign;
    private long _askedAt;
    private long _nextLook;

    private bool IsWatching => _limit > 0;

    /// <summary>A new keeper, or a new socket to it.</summary>
    public void Begin(long now)
    {
        NoteSign(now);
        _nextLook = now + _interval;
    }

    public void NoteSign(long now)
    {
        _lastSign = now;
        _askedAt = 0;
    }

    public KeeperPulseState Look(long now)
    {
        if (!IsWatching || now < _nextLook) return KeeperPulseState.Good;
        bool isLate = now - _nextLook > KeeperTiming.Nanoseconds(KeeperTiming.OwnStall);
        _nextLook = now + _interval;
        if (isLate && _askedAt != 0) _askedAt = now;
        if (_askedAt != 0 && now - _askedAt >= _limit) return KeeperPulseState.Silent;
        if (_askedAt != 0 || now - _lastSign < _interval) return KeeperPulseState.Good;
        _askedAt = now;
        return KeeperPulseState.Ask;
    }

    /// <summary>For poll(2): -1 is for ever.</summary>
    public int MillisecondsToNext(long now) => IsWatching ? (int)Math.Clamp(((_nextLook - now) / 1_000_000) + 1, 0, int.MaxValue) : -1;
}
