using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Waiting for words in memory, and waking those who wait. A map that may only be read is enough for both.</summary>
public static unsafe class Futex
{
    /// <summary>Most words of one wait.</summary>
    public const int MaxWaiters = 128;

    /// <summary>Set by the kernel in a word of <see cref="RobustWords"/> whose thread has ended.</summary>
    public const uint OwnerDied = 0x4000_0000;

    /// <summary>Must be set in a word for the kernel to wake somebody when its thread ends.</summary>
    public const uint HasWaiters = 0x8000_0000;

    /// <summary>Whether a thread can wait for many words here: Linux 5.16 and later, unless forbidden.</summary>
    /// <param name="why">What the kernel answered, if not.</param>
    public static bool CanWaitForMany(out Errno why)
    {
        // No waiters is an error of the caller to a kernel that knows the call.
        var result = Libc.syscall(Libc.SysFutexWaitV, 0, 0, 0, 0, 0, 0);
        why = result < 0 ? Libc.LastError : Errno.None;
        return why is Errno.None or Errno.EINVAL;
    }

    /// <summary>Waits until somebody wakes one of the words. Returns for no reason, too: look at all words afterwards.</summary>
    /// <param name="words">Which, 1 to <see cref="MaxWaiters"/>.</param>
    /// <returns>Which one was woken; -1 if one did not hold its value, or the wait was interrupted.</returns>
    /// <exception cref="LinuxException">Waiting failed.</exception>
    public static int WaitForMany(ReadOnlySpan<FutexWaiter> words)
    {
        ArgumentOutOfRangeException.ThrowIfZero(words.Length, nameof(words));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(words.Length, MaxWaiters, nameof(words));
        fixed (FutexWaiter* first = words)
        {
            var result = Libc.syscall(Libc.SysFutexWaitV, (nint)first, words.Length, 0, 0, 0, 0);
            if (result >= 0)
                return (int)result;
            return Libc.LastError is Errno.EAGAIN or Errno.EINTR ? -1 : throw LinuxException.Last($"futex_waitv({words.Length})");
        }
    }

    /// <summary>Sleeps while a word has a value. It may also end without cause: look again.</summary>
    /// <param name="word">Where it is; it must stay mapped.</param>
    /// <param name="expected">The value; if it is another one by now, there is no sleep.</param>
    /// <param name="milliseconds">At most so long; -1 for no limit.</param>
    /// <param name="isShared">Whether other processes may wake: only with the same in <see cref="Wake"/> do the two find each other.</param>
    /// <returns>False if the time is over.</returns>
    /// <exception cref="LinuxException">The kernel refuses, for instance as the address is not mapped.</exception>
    public static bool Wait(uint* word, uint expected, int milliseconds, bool isShared = true)
    {
        var time = stackalloc long[2];
        time[0] = milliseconds / 1000;
        time[1] = milliseconds % 1000 * 1_000_000L;
        if (Libc.syscall(Libc.SysFutex, (nint)word, Libc.FutexWait | (isShared ? 0 : Libc.FutexPrivate), (nint)expected, milliseconds < 0 ? 0 : (nint)time, 0, 0) == 0)
            return true;
        return Libc.LastError switch
        {
            Errno.ETIMEDOUT => false,
            Errno.EAGAIN or Errno.EINTR => true,
            var other => throw new LinuxException("futex(FUTEX_WAIT)", other),
        };
    }

    /// <summary>Wakes those who wait for a word.</summary>
    /// <param name="word">Where it is.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="isShared">Whether they may be other processes.</param>
    /// <returns>How many were woken; 0 also if the address is bad.</returns>
    public static int Wake(uint* word, int count, bool isShared)
    {
        var result = Libc.syscall(Libc.SysFutex, (nint)word, Libc.FutexWake | (isShared ? 0 : Libc.FutexPrivate), count, 0, 0, 0);
        return (int)Math.Max(0, result);
    }
}
