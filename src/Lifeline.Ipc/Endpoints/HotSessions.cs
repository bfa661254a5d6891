using System.Collections.Concurrent;
using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Endpoints;

/// <summary>Whoever receives through shared memory.</summary>
internal interface IHotTarget
{
    /// <summary>Whether something has arrived.</summary>
    bool HasArrived { get; }

    /// <summary>The same for several looks in a row.</summary>
    bool HasArrivedWithin(int looks);

    /// <summary>Whether several threads watch it, where one would do, or nothing comes any more.</summary>
    bool IsToBeLeft { get; }

    /// <summary>As <see cref="ISpinCondition.Meet"/>.</summary>
    int Meet(int processor);

    /// <summary>Receives what has arrived, as <see cref="IPollTarget.OnReady"/> says.</summary>
    bool Turn(InlineBatch batch);

    /// <summary>The loop watches no longer: if nobody else does, the doorbell is wanted again.</summary>
    /// <returns>As <see cref="IPollTarget.OnReady"/>.</returns>
    bool EndWatch(InlineBatch batch);
}

/// <summary>
/// The sessions that received something just now. The thread that receives looks at them for a moment before it sleeps: so a peer
/// that goes on sending needs no doorbell. Only the thread that receives at the time.
/// </summary>
internal sealed class HotSessions : ISpinCondition
{
    /// <summary>Sessions that are watched at once; others ring.</summary>
    internal const int Most = 8;

    // Looks at the ring of the only one, of which each is quicker, before one at everything.
    private const int LooksAtRing = 8;

    private readonly IHotTarget[] _targets = new IHotTarget[Most];
    private readonly SpinBudget _spin = new();
    private ConcurrentQueue<IAttention>? _attention;
    private int _count;

    bool ISpinCondition.IsMet
    {
        get
        {
            for (int i = 0; i < _count; i++)
            {
                if (_targets[i].HasArrived || _targets[i].IsToBeLeft)
                    return true;
            }

            return !_attention!.IsEmpty;
        }
    }

    bool ISpinCondition.IsMetWithin(int looks)
    {
        // Where there are several, a look at each takes its time, and one at everything not much more.
        int looksAtRing = _count == 1 ? LooksAtRing : 1;
        for (; looks > 0; looks -= looksAtRing)
        {
            if (_targets[0].HasArrivedWithin(looksAtRing) || ((ISpinCondition)this).IsMet)
                return true;
        }

        return false;
    }

    // If one of them is here, or may be, it is to be let through.
    int ISpinCondition.Meet(int processor)
    {
        int elsewhere = -1;
        bool areAllElsewhere = true;
        for (int i = 0; i < _count; i++)
        {
            int met = _targets[i].Meet(processor);
            if (met == processor)
                return met;
            elsewhere = met;
            areAllElsewhere &= met >= 0;
        }

        return areAllElsewhere ? elsewhere : -1;
    }

    internal bool IsEmpty => _count == 0;

    /// <summary>Whether one more can be watched, and that would pay.</summary>
    internal bool HasPlace => _count < Most && _spin.IsWorthwhile;

    internal void Add(IHotTarget target) => _targets[_count++] = target;

    /// <summary>Waits a moment for something to arrive and receives it; without success they are watched no longer.</summary>
    /// <returns>False if another thread receives by now.</returns>
    internal bool Watch(ConcurrentQueue<IAttention> attention, InlineBatch batch)
    {
        _attention = attention;
        return _spin.Spin(this) ? Look(batch) : Forget(batch);
    }

    /// <summary>Receives what has arrived, without waiting.</summary>
    /// <returns>False if another thread receives by now.</returns>
    internal bool Look(InlineBatch batch)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            IHotTarget target = _targets[i];
            if (target.IsToBeLeft)
            {
                _targets[i] = _targets[--_count];
                _targets[_count] = null!;
                if (!target.EndWatch(batch))
                    return false;
            }
            else if (target.HasArrived && !target.Turn(batch))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Watches none any more.</summary>
    /// <returns>False if another thread receives by now.</returns>
    internal bool Forget(InlineBatch batch)
    {
        // One after the other: should this thread lose its place, the rest is there for who comes after.
        while (_count > 0)
        {
            IHotTarget target = _targets[--_count];
            _targets[_count] = null!;
            if (!target.EndWatch(batch))
                return false;
        }

        return true;
    }
}
