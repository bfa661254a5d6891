using Lifeline.Ipc.Dispatch;
using Lifeline.Linux;

namespace Lifeline.Ipc.Endpoints;

/// <summary>Whoever can be slept on.</summary>
internal interface ILoneTarget
{
    /// <summary>From now on the peer wakes whoever sleeps on the ring's word, without the doorbell.</summary>
    /// <returns>False if that cannot be.</returns>
    bool TryBeginAlone();

    /// <summary>Sleeps until the peer has something, or <see cref="WakeAlone"/>. May end without cause.</summary>
    void SleepAlone();

    /// <summary>Ends such a sleep, also one that is about to begin. Any thread.</summary>
    void WakeAlone();

    /// <summary>Receives, as <see cref="IPollTarget.OnReady"/> says.</summary>
    bool Turn(InlineBatch batch);

    /// <summary>The doorbell is wanted again.</summary>
    /// <returns>As <see cref="IPollTarget.OnReady"/>.</returns>
    bool EndAlone(InlineBatch batch);
}

/// <summary>
/// Where one session alone wakes the thread that receives, call after call, that thread sleeps on the word of its ring: a call
/// then costs no message on a socket and no look at descriptors. For these a <see cref="Sentinel"/> waits meanwhile. The thread
/// that receives only.
/// </summary>
internal sealed class LonePartner
{
    // Wake-ups in a row for a call of the same session. Going there and back costs a few of them.
    private const int WakesToBegin = 16;

    private readonly Sentinel _sentinel;
    private ILoneTarget? _partner;
    private ILoneTarget? _last;
    private int _streak;

    internal LonePartner(string name, Descriptor watched) => _sentinel = new Sentinel(name, watched, () => Volatile.Read(ref _partner)?.WakeAlone());

    /// <summary>Whether there is one.</summary>
    internal bool Exists => _partner is not null;

    /// <summary>The thread was woken and has done what it was woken for.</summary>
    /// <param name="by">The only one that had something; null for several, or none.</param>
    /// <param name="calls">Whether what it had was a call.</param>
    internal void NoteWake(ILoneTarget? by, bool calls)
    {
        _streak = by is not null && calls ? (by == _last ? _streak + 1 : 1) : 0;
        _last = by;
        if (_streak < WakesToBegin)
            return;
        _streak = 0;
        if (!_sentinel.TryArm() || !by!.TryBeginAlone())
            return;
        // The sentinel wakes it from now on, or it sees before it sleeps that the sentinel has seen something.
        Interlocked.Exchange(ref _partner, by);
    }

    /// <summary>Sleeps until the partner has something or a descriptor is ready, and receives from the partner.</summary>
    /// <param name="batch">For requests.</param>
    /// <param name="count">Requests that were run so far.</param>
    /// <returns>False if another thread receives by now.</returns>
    internal bool Sleep(InlineBatch batch, Func<long> count)
    {
        ILoneTarget partner = _partner!;
        if (!_sentinel.HasSeen)
        {
            long before = count();
            partner.SleepAlone();
            if (!partner.Turn(batch))
                return false;
            if (count() != before && !_sentinel.HasSeen)
                return true;
        }

        return End(batch);
    }

    /// <summary>There is no partner any more.</summary>
    /// <returns>False if another thread receives by now.</returns>
    internal bool End(InlineBatch batch)
    {
        if (_partner is not { } partner)
            return true;
        Volatile.Write(ref _partner, null);
        _streak = 0;
        return partner.EndAlone(batch);
    }

    /// <summary>Nobody receives any more, and a descriptor is ready for ever.</summary>
    internal void Stop() => _sentinel.Stop();
}
