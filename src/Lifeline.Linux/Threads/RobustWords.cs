using System.Runtime.InteropServices;
using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// Words that the kernel marks when a thread ends: it sets <see cref="Futex.OwnerDied"/> and wakes one waiter of each, before it
/// begins to take the memory of the process down.
/// </summary>
public static unsafe class RobustWords
{
    /// <summary>Most words of one thread; the kernel walks no longer list.</summary>
    public const int MaxWords = 2048;

    /// <summary>
    /// Has the calling thread hold words until it ends. It must not take robust mutexes (pthread, named mutexes of .NET)
    /// afterwards: the kernel knows one list of each thread, and this is it from now on.
    /// </summary>
    /// <param name="first">The first word, in memory that stays mapped writable; its low 30 bits become the thread's number.</param>
    /// <param name="count">How many, 1 to <see cref="MaxWords"/>.</param>
    /// <param name="stride">Bytes from one to the next: a multiple of 8.</param>
    /// <exception cref="LinuxException">The kernel refuses; nothing was changed then.</exception>
    public static void Hold(uint* first, int count, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MaxWords);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, sizeof(void*));
        ArgumentOutOfRangeException.ThrowIfNotEqual(stride % sizeof(void*), 0, nameof(stride));
        // The links stay out of the words' page: who may read that need not learn addresses. Freed by nobody, for the kernel reads them last.
        var head = (RobustListHead*)NativeMemory.AllocZeroed((nuint)(sizeof(RobustListHead) + (count * stride)));
        var links = (byte*)(head + 1);
        *head = new RobustListHead { First = links, WordOffset = (nint)((byte*)first - links) };
        for (var i = 0; i < count; i++)
            *(void**)(links + (i * stride)) = i + 1 < count ? links + ((i + 1) * stride) : head;
        if (Libc.syscall(Libc.SysSetRobustList, (nint)head, sizeof(RobustListHead), 0, 0, 0, 0) < 0)
        {
            var error = Libc.LastError;
            NativeMemory.Free(head);
            throw new LinuxException("set_robust_list", error);
        }

        var value = (uint)Libc.syscall(Libc.SysGetTid, 0, 0, 0, 0, 0, 0) | Futex.HasWaiters;
        for (var i = 0; i < count; i++)
            Volatile.Write(ref *(uint*)((byte*)first + (i * stride)), value);
    }
}
