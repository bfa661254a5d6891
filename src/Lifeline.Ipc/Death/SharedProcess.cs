using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>
/// A process with which this one has sessions, shared by all of them in all endpoints: one descriptor, and at most
/// <see cref="MaxPages"/> life pages. Thread-safe.
/// </summary>
internal sealed class SharedProcess
{
    /// <summary>Pages of one process: another one comes when it has replaced its program, or has two copies of this library.</summary>
    internal const int MaxPages = 4;

    private static readonly Lock s_gate = new();
    private static readonly Dictionary<int, SharedProcess> s_known = [];

    private readonly Lock _gate = new();
    private readonly List<PeerLife> _lives = [];
    private readonly int _pid;
    private int _holders = 1;

    private SharedProcess(int pid, PidFd handle)
    {
        _pid = pid;
        Handle = handle;
    }

    /// <summary>Readable once the process has ended. Open as long as somebody holds this object.</summary>
    internal PidFd Handle { get; }

    /// <summary>Life pages that are watched for it.</summary>
    internal int Pages
    {
        get
        {
            lock (_gate)
                return _lives.Count;
        }
    }

    /// <summary>The process that a descriptor names, together with all others who hold it.</summary>
    /// <param name="pid">Its number; 0 if it has none here.</param>
    /// <param name="opened">Its descriptor, owned by the result from now on or closed.</param>
    /// <returns>To be released once.</returns>
    internal static SharedProcess Hold(int pid, PidFd opened)
    {
        // Two that live at the same time and have one number are one process. Of one that has ended, or has no number, nothing can be said.
        if (pid <= 0 || opened.HasExited)
            return new SharedProcess(pid, opened);
        lock (s_gate)
        {
            if (s_known.TryGetValue(pid, out SharedProcess? known) && !known.Handle.HasExited)
            {
                known._holders++;
                opened.Dispose();
                return known;
            }

            return s_known[pid] = new SharedProcess(pid, opened);
        }
    }

    /// <summary>Holds it no more.</summary>
    internal void Release()
    {
        lock (s_gate)
        {
            if (--_holders > 0)
                return;
            if (s_known.TryGetValue(_pid, out SharedProcess? known) && known == this)
                s_known.Remove(_pid);
        }

        Handle.Dispose();
    }

    /// <summary>Has a listener told of the end of the process as early as the page tells.</summary>
    /// <param name="offered">What the peer sent as its page; it stays the caller's.</param>
    /// <param name="word">The word that the peer says is ours.</param>
    /// <param name="listener">Told at once if it is dying already.</param>
    /// <param name="why">Why it will not be told.</param>
    /// <returns>What to leave with the listener; null if it will not be told.</returns>
    internal PeerLife? Join(Descriptor offered, int word, ILifeListener listener, out string? why)
    {
        PeerLife? life;
        bool isTold;
        lock (_gate)
        {
            life = FindOrOpen(offered, word, out why);
            isTold = life?.TryJoin(listener) == false;
        }

        if (isTold)
            life!.TellNow(listener);
        return life;
    }

    /// <summary>Forgets a listener; the last one ends the watch.</summary>
    internal void Leave(PeerLife life, ILifeListener listener)
    {
        lock (_gate)
        {
            if (!life.Leave(listener) || !_lives.Remove(life))
                return;
        }

        life.Waiter?.Remove(life);
    }

    private PeerLife? FindOrOpen(Descriptor offered, int word, out string? why)
    {
        try
        {
            using var page = MemoryFile.FromDescriptor(offered);
            FileStatus status = page.Stat();
            (ulong, ulong) identity = (status.Device, status.Inode);
            why = null;
            if (LifePage.TryGet(out _)?.Identity == identity)
                why = "it is this process itself";
            else if (_lives.Find(l => l.Identity == identity) is { } known)
                return known;
            else if (_lives.Count >= MaxPages)
                why = $"the process has {MaxPages} life pages already";
            if (why is not null || PeerLife.TryOpen(page, identity, word, out why) is not { } life)
                return null;
            why = LifeWatch.TryAdd(life);
            if (why is null)
                _lives.Add(life);
            else
                life.Unmap();
            return why is null ? life : null;
        }
        catch (LinuxException e)
        {
            why = e.Message;
            return null;
        }
    }
}
