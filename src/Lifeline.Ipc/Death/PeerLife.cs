using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>The word that tells of the end of one process, watched once for all sessions with it. Belongs to a <see cref="SharedProcess"/>.</summary>
internal sealed unsafe class PeerLife
{
    private readonly Lock _gate = new();
    private readonly HashSet<ILifeListener> _listeners = [];
    private readonly MemoryMapping _mapping;
    private readonly uint* _word;
    private readonly uint _expected;
    private bool _isDying;
    private string? _whyLost;

    private PeerLife(MemoryMapping mapping, (ulong Device, ulong Inode) identity, int word)
    {
        _mapping = mapping;
        Identity = identity;
        _word = LifePage.Word(mapping, word);
        uint now = Volatile.Read(ref *_word);
        IsHeld = (now & (Futex.HasWaiters | Futex.OwnerDied)) != 0;
        // Dead already: the wait is then for a value that it does not have, and ends at once.
        _expected = (now & Futex.OwnerDied) != 0 ? 0 : now;
    }

    /// <summary>What tells its page from others.</summary>
    internal (ulong Device, ulong Inode) Identity { get; }

    /// <summary>Whether the word is one that the kernel will mark, or has marked.</summary>
    private bool IsHeld { get; }

    /// <summary>Who waits for it. Written before the first wait.</summary>
    internal LifeWaiter? Waiter { get; set; }

    /// <summary>How often somebody woke although nothing had changed. The waiter's thread only.</summary>
    internal int VainWakes { get; set; }

    /// <summary>What the thread waits for.</summary>
    internal FutexWaiter Waiting => new(_word, _expected, isShared: true);

    /// <summary>Maps the page of a peer, if nothing that the peer does to it can make an access fault.</summary>
    /// <param name="page">What the peer sent; it stays the caller's.</param>
    /// <param name="identity">Which file it is.</param>
    /// <param name="word">The word to wait for.</param>
    /// <param name="why">Why it is not taken.</param>
    internal static PeerLife? TryOpen(MemoryFile page, (ulong Device, ulong Inode) identity, int word, out string? why)
    {
        why = null;
        const MemorySeals needed = MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite;
        MemorySeals seals = page.Seals;
        long size = page.Size;
        if ((seals & needed) != needed)
            why = $"the seals of its life page are {seals}; {needed} are needed";
        else if (size is < LifePage.Words * LifePage.Stride or > LifePage.MaxBytes)
            why = $"its life page has {size} bytes; {LifePage.Words * LifePage.Stride} to {LifePage.MaxBytes} are allowed";
        else if (word is < 0 or >= LifePage.Words)
            why = $"its life page has {LifePage.Words} words, it names number {word}";
        if (why is not null)
            return null;
        var life = new PeerLife(page.Map(0, LifePage.Words * LifePage.Stride, writable: false), identity, word);
        if (life.IsHeld)
            return life;
        life.Unmap();
        why = "nobody holds the word of its life page";
        return null;
    }

    /// <summary>Adds a listener.</summary>
    /// <returns>False if the end was told already, or will never be: <see cref="TellNow"/> says so.</returns>
    internal bool TryJoin(ILifeListener listener)
    {
        lock (_gate)
        {
            if (_isDying || _whyLost is not null)
                return false;
            _listeners.Add(listener);
            return true;
        }
    }

    /// <summary>Tells one that came too late to be told with the others.</summary>
    internal void TellNow(ILifeListener listener)
    {
        if (_whyLost is not null)
            listener.OnNoEarlyNotice(_whyLost);
        else
            listener.OnPeerDying();
    }

    /// <summary>Forgets a listener.</summary>
    /// <returns>Whether it was the last one.</returns>
    internal bool Leave(ILifeListener listener)
    {
        lock (_gate)
        {
            _listeners.Remove(listener);
            return _listeners.Count == 0;
        }
    }

    /// <summary>Reads the word. Once in each look, for it may change at any moment.</summary>
    internal LifeSign Look()
    {
        uint now = Volatile.Read(ref *_word);
        if (now == _expected && (now & Futex.HasWaiters) != 0)
            return LifeSign.Alive;
        return (now & Futex.OwnerDied) != 0 ? LifeSign.Dying : LifeSign.Broken;
    }

    /// <summary>Wakes the others who wait for this word, in all processes.</summary>
    internal void WakeOthers() => Futex.Wake(_word, int.MaxValue, isShared: true);

    /// <summary>The process is ending.</summary>
    internal void TellDying()
    {
        Unmap();
        ILifeListener[] listeners;
        lock (_gate)
        {
            _isDying = true;
            listeners = [.. _listeners];
        }

        foreach (ILifeListener listener in listeners)
            listener.OnPeerDying();
    }

    /// <summary>It is not watched any more.</summary>
    internal void TellLost(string why)
    {
        Unmap();
        ILifeListener[] listeners;
        lock (_gate)
        {
            _whyLost = why;
            listeners = [.. _listeners];
        }

        foreach (ILifeListener listener in listeners)
            listener.OnNoEarlyNotice(why);
    }

    /// <summary>Gives the map back: nobody looks at it any more.</summary>
    internal void Unmap() => _mapping.Dispose();
}
