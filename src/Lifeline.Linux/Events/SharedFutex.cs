using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Sleeping on a word of shared memory until another process changes it (futex(2)). Thread-safe.</summary>
public static unsafe class SharedFutex
{
    private const int WaitOperation = 0;
    private const int WakeOperation = 1;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 98 : 202;

    /// <summary>Sleeps while the word has a value. It may also end without cause: look again.</summary>
    /// <param name="word">A mapped address, 4-byte aligned; it must stay mapped.</param>
    /// <param name="expected">The value; if it is another one by now, there is no sleep.</param>
    /// <param name="milliseconds">At most so long; -1 for no limit.</param>
    /// <returns>False if the time is over.</returns>
    /// <exception cref="LinuxException">The kernel refuses, for instance as the address is not mapped.</exception>
    public static bool Wait(int* word, int expected, int milliseconds)
    {
        long* time = stackalloc long[2];
        time[0] = milliseconds / 1000;
        time[1] = milliseconds % 1000 * 1_000_000L;
        if (Libc.syscall(s_number, (nint)word, WaitOperation, expected, milliseconds < 0 ? 0 : (nint)time, 0, 0) == 0)
            return true;
        return Libc.LastError switch
        {
            Errno.ETIMEDOUT => false,
            Errno.EAGAIN or Errno.EINTR => true,
            var other => throw new LinuxException("futex(FUTEX_WAIT)", other),
        };
    }

    /// <summary>Wakes those that sleep on a word.</summary>
    /// <param name="word">The address.</param>
    /// <param name="most">How many at most.</param>
    public static void Wake(int* word, int most = int.MaxValue) => Libc.syscall(s_number, (nint)word, WakeOperation, most, 0, 0, 0);
}
