using System.Collections.Concurrent;
using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Endpoints;

/// <summary>Whoever receives through shared memory.</summary>
internal interface IHotTarget
{
    /// <summary>Whether something has arrived.</summary>
    bool HasArrived { get; }

    /// <summary>Whether several threads watch it: one would do.</summary>
    bool IsWatchedTwice { get; }

    /// <summary>A thread looks by itself for a moment: no doorbell is needed, and the memory stays mapped.</summary>
    /// <param name="evenIfWatched">Whether it wants to although others do already.</param>
    /// <returns>False if there is nothing to watch.</returns>
    bool TryBeginWatch(bool evenIfWatched);

    /// <summary>The moment is over: what has arrived is received; if nobody else watches, the doorbell is wanted again.</summary>
    /// <param name="buffer">Where to receive; null to rent something.</param>
    void EndWatch(byte[]? buffer);
}

/// <summary>The sessions that received something in this round of the loop. Watched for a moment before it sleeps: so a peer that goes on sending needs no doorbell.</summary>
internal sealed class HotSessions : ISpinCondition
{
    /// <summary>Sessions that are watched at once; others ring.</summary>
    internal const int Most = 8;

    private IHotTarget[] _targets = new IHotTarget[Most];
    private IHotTarget[] _watched = new IHotTarget[Most];
    private readonly SpinBudget _spin = new();
    private ConcurrentQueue<IAttention>? _attention;
    private int _count;

    bool ISpinCondition.IsMet
    {
        get
        {
            for (int i = 0; i < _count; i++)
            {
                if (_targets[i].HasArrived || _targets[i].IsWatchedTwice)
                    return true;
            }

            return !_attention!.IsEmpty;
        }
    }

    internal bool IsEmpty => _count == 0;

    internal void Add(IHotTarget target)
    {
        if (_count < Most && !_targets.AsSpan(0, _count).Contains(target))
            _targets[_count++] = target;
    }

    /// <summary>Watches, then forgets them; those that receive something are hot again.</summary>
    internal void Watch(ConcurrentQueue<IAttention> attention, byte[] buffer)
    {
        if (_count == 0)
            return;
        if (!_spin.IsWorthwhile)
        {
            Forget();
            return;
        }

        int watched = 0;
        for (int i = 0; i < _count; i++)
        {
            if (_targets[i].TryBeginWatch(evenIfWatched: false))
                _targets[watched++] = _targets[i];
        }

        _count = watched;
        _attention = attention;
        if (watched > 0)
            _spin.Spin(this);
        (_targets, _watched) = (_watched, _targets);
        _count = 0;
        for (int i = 0; i < watched; i++)
        {
            _watched[i].EndWatch(buffer);
            _watched[i] = null!;
        }
    }

    private void Forget()
    {
        Array.Clear(_targets);
        _count = 0;
    }
}
