using System.Runtime.InteropServices;
using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>A thread that waits for the ends of up to <see cref="MaxLives"/> processes. It never ends and does nothing while nothing happens.</summary>
internal sealed unsafe class LifeWaiter
{
    /// <summary>Processes of one thread; its own word takes one place of the wait.</summary>
    internal const int MaxLives = Futex.MaxWaiters - 1;

    // Only the kernel wakes, and only once: whoever is woken this often in vain is woken by somebody who plays with us.
    private const int MostVainWakes = 64;
    private const int StackBytes = 128 << 10;

    /// <summary>Turns of threads that tell of a death, so that one who runs long (a process that is being taken down, say) does not keep them waiting.</summary>
    internal static readonly TimeSpan Slice = TimeSpan.FromMicroseconds(100);

    private readonly Lock _gate = new();
    private readonly List<PeerLife> _lives = [];
    private readonly List<PeerLife> _removed = [];
    private readonly uint* _changes = (uint*)NativeMemory.AllocZeroed(sizeof(uint));
    private readonly Action? _atBegin;
    private bool _failed;

    internal LifeWaiter(Action? atBegin)
    {
        _atBegin = atBegin;
        new Thread(Run, StackBytes) { IsBackground = true, Name = "ipc-life" }.UnsafeStart();
    }

    /// <summary>Begins to wait for one more.</summary>
    /// <returns>False if there is no place.</returns>
    internal bool TryAdd(PeerLife life)
    {
        lock (_gate)
        {
            if (_failed || _lives.Count + _removed.Count >= MaxLives)
                return false;
            _lives.Add(life);
            life.Waiter = this;
        }

        Wake();
        return true;
    }

    /// <summary>Waits for it no more; its map is given back a little later, by the thread that looks at it.</summary>
    internal void Remove(PeerLife life)
    {
        lock (_gate)
        {
            // Given up by the thread already, which then has given the map back, too.
            if (!_lives.Remove(life))
                return;
            _removed.Add(life);
        }

        Wake();
    }

    private void Wake()
    {
        Interlocked.Increment(ref *_changes);
        Futex.Wake(_changes, 1, isShared: false);
    }

    private void Run()
    {
        CurrentThread.TryShortenSlice(Slice);
        _atBegin?.Invoke();
        Span<FutexWaiter> words = stackalloc FutexWaiter[Futex.MaxWaiters];
        PeerLife[] watched = [];
        uint seen = uint.MaxValue;
        while (true)
        {
            uint changes = Volatile.Read(ref *_changes);
            if (changes != seen)
            {
                watched = Take();
                words[0] = new FutexWaiter(_changes, changes, isShared: false);
                for (int i = 0; i < watched.Length; i++)
                    words[i + 1] = watched[i].Waiting;
                seen = changes;
            }

            try
            {
                Look(watched, Futex.WaitForMany(words[..(watched.Length + 1)]) - 1);
            }
            catch (LinuxException e)
            {
                GiveUp(watched, e);
            }
        }
    }

    private PeerLife[] Take()
    {
        PeerLife[] removed;
        PeerLife[] watched;
        lock (_gate)
        {
            removed = [.. _removed];
            _removed.Clear();
            watched = [.. _lives];
        }

        foreach (PeerLife life in removed)
            life.Unmap();
        return watched;
    }

    private void Look(PeerLife[] watched, int woken)
    {
        for (int i = 0; i < watched.Length; i++)
        {
            PeerLife life = watched[i];
            LifeSign sign = life.Look();
            // The kernel has woken one of those who wait for this word; that it was one who does not want to know any more must not cost the others.
            if (sign == LifeSign.Dying)
                life.WakeOthers();
            switch (sign)
            {
                case LifeSign.Dying when Drop(life):
                    life.TellDying();
                    break;
                case LifeSign.Broken when Drop(life):
                    life.TellLost("the peer changed its life word");
                    break;
                case LifeSign.Alive when i == woken && ++life.VainWakes > MostVainWakes && Drop(life):
                    life.TellLost($"its life word was woken {MostVainWakes} times in vain");
                    break;
            }
        }
    }

    /// <summary>Stops watching it.</summary>
    /// <returns>False if it was removed in the meantime: then nobody wants to know.</returns>
    private bool Drop(PeerLife life)
    {
        lock (_gate)
        {
            if (!_lives.Remove(life))
                return false;
        }

        Interlocked.Increment(ref *_changes);
        return true;
    }

    private void GiveUp(PeerLife[] watched, LinuxException why)
    {
        foreach (PeerLife life in watched)
        {
            if (!Drop(life))
                continue;
            life.Unmap();
            life.TellLost(why.Message);
        }

        if (watched.Length > 0)
            return;
        lock (_gate)
        {
            // Not even its own word can be waited for. The thread stays, for it may hold the words of this process.
            _failed = _lives.Count == 0;
        }

        if (_failed)
            new ManualResetEventSlim().Wait();
    }
}
