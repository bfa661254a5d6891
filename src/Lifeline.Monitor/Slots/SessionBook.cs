namespace Lifeline.Monitor;

/// <summary>The sessions of the living generation, and those that were lost a moment ago and may have died with their process.</summary>
internal sealed class SessionBook
{
    /// <summary>Ended sessions that are remembered, so that late news cannot open them again.</summary>
    public const int MaxEnded = 256;

    private readonly List<long> _open = [];
    private readonly Queue<long> _ended = new();
    private readonly List<(long Session, string Reason)> _lost = [];

    public int Count => _open.Count;

    public IReadOnlyList<(long Session, string Reason)> Lost => _lost;

    /// <summary>When a lost session counts as lost by a living process; null: none is.</summary>
    public long? LostAt { get; private set; }

    public void Open(long session, int max)
    {
        if (_open.Count < max && !_open.Contains(session) && !_ended.Contains(session)) _open.Add(session);
    }

    public bool Lose(long session, string reason, long countsAt)
    {
        if (_ended.Contains(session)) return false;
        if (_ended.Count == MaxEnded) _ended.Dequeue();
        _ended.Enqueue(session);
        if (!_open.Remove(session)) return false;
        _lost.Add((session, reason));
        LostAt ??= countsAt;
        return true;
    }

    public void ForgetLost()
    {
        _lost.Clear();
        LostAt = null;
    }

    public void Clear()
    {
        _open.Clear();
        _ended.Clear();
        ForgetLost();
    }
}
