using System.Runtime.CompilerServices;
using Lifeline.Linux;

namespace Lifeline.Ipc.Calls;

/// <summary>
/// Where one thread at a time sleeps until another has something for it: a wake-up is one system call, where that of a monitor takes several and a lock of
/// the runtime's. All but <see cref="Wait"/> and <see cref="Wake"/> under the lock of the owner.
/// </summary>
internal sealed unsafe class WaitWord
{
    private readonly uint[] _word = GC.AllocateArray<uint>(1, pinned: true);
    private bool _waits;

    /// <summary>The thread is about to wait.</summary>
    /// <returns>What to wait with.</returns>
    internal uint BeginWait()
    {
        _waits = true;
        return _word[0];
    }

    /// <summary>Sleeps, unless somebody has taken the waiter since. May end without cause.</summary>
    /// <param name="seen">What <see cref="BeginWait"/> said.</param>
    /// <param name="milliseconds">At most so long.</param>
    internal void Wait(uint seen, int milliseconds) => Futex.Wait(Address, seen, milliseconds, isShared: false);

    /// <summary>Ends a wait that has begun, or is about to sleep.</summary>
    /// <returns>Whether the thread may sleep already: <see cref="Wake"/> it.</returns>
    internal bool TakeWaiter()
    {
        if (!_waits)
            return false;
        _waits = false;
        Volatile.Write(ref _word[0], _word[0] + 1);
        return true;
    }

    /// <summary>Wakes it.</summary>
    internal void Wake() => Futex.Wake(Address, 1, isShared: false);

    // The array never moves, and lives as long as this.
    private uint* Address => (uint*)Unsafe.AsPointer(ref _word[0]);
}
