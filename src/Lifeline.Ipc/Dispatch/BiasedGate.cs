using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// A lock for something that one thread uses nearly always. That thread enters and leaves without an atomic instruction, which would
/// wait each time until what it wrote into shared memory has reached the other processor. Another thread that comes takes the
/// preference back, at the price of a barrier across the process. Not reentrant.
/// </summary>
/// <remarks>
/// The preferred thread writes that it is inside and reads whether it is still preferred; who takes the preference back writes that first and reads the
/// other after <see cref="Interlocked.MemoryBarrierProcessWide"/>, which stands for a full fence in each thread. So one of the
/// two sees the other. Each preference has a flag of its own for being inside: a thread that was stopped between its two looks may come back when another
/// one is preferred and inside, and must not take that one's flag down.
/// </remarks>
internal sealed class BiasedGate
{
    private const int EntriesToPrefer = 256;
    private const int MaxEntriesToPrefer = 1 << 20;

    // Entries of one preference that have saved more than its end costs.
    private const int EntriesThatPay = 4096;

    [ThreadStatic]
    private static int t_id;
    private static int s_lastId;

    private readonly Lock _gate = new();
    private Preference? _preference;
    private int _last;
    private int _entries;
    private int _needed = EntriesToPrefer;

    private static int CurrentId
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => t_id != 0 ? t_id : t_id = Interlocked.Increment(ref s_lastId);
    }

    /// <summary>Waits for the gate.</summary>
    /// <returns>To be disposed when done.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Hold Enter()
    {
        int id = CurrentId;
        if (Volatile.Read(ref _preference) is { } preference && preference.Thread == id)
        {
            Debug.Assert(preference.Inside == 0, "the gate is not reentrant");
            Volatile.Write(ref preference.Inside, 1);
            if (Volatile.Read(ref _preference) == preference)
            {
                preference.Entries++;
                return new Hold(this, preference);
            }

            Volatile.Write(ref preference.Inside, 0);
        }

        EnterSlowly(id);
        return new Hold(this, null);
    }

    private void EnterSlowly(int id)
    {
        Debug.Assert(!_gate.IsHeldByCurrentThread, "the gate is not reentrant");
        _gate.Enter();
        if (_preference is { } preference)
            TakeBack(preference);
        if (_last != id)
        {
            _last = id;
            _entries = 0;
        }
        else if (++_entries >= _needed)
        {
            // From the next time on. Whoever holds the gate now is this thread itself.
            _entries = 0;
            Volatile.Write(ref _preference, new Preference(id));
        }
    }

    private void TakeBack(Preference preference)
    {
        Volatile.Write(ref _preference, null);
        Interlocked.MemoryBarrierProcessWide();
        var wait = new SpinWait();
        while (Volatile.Read(ref preference.Inside) != 0)
            // Whoever is inside leaves soon: a millisecond's sleep would be longer.
            wait.SpinOnce(sleep1Threshold: -1);
        _needed = preference.Entries >= EntriesThatPay ? EntriesToPrefer : Math.Min(_needed * 2, MaxEntriesToPrefer);
    }

    /// <summary>That a thread enters without an atomic instruction, until it is taken back. Never given anew.</summary>
    internal sealed class Preference(int thread)
    {
        /// <summary>Whether the thread is inside; written by it alone.</summary>
        internal int Inside;

        /// <summary>How often it was; written by the same.</summary>
        internal long Entries;

        internal int Thread => thread;
    }

    /// <summary>Being inside of the gate.</summary>
    internal readonly ref struct Hold(BiasedGate gate, Preference? preference)
    {
        /// <summary>Leaves it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Dispose()
        {
            if (preference is not null)
                Volatile.Write(ref preference.Inside, 0);
            else
                gate._gate.Exit();
        }
    }
}
