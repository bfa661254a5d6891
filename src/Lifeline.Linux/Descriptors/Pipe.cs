using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>Pipes.</summary>
public static unsafe class Pipe
{
    /// <summary>Makes a pipe; both ends wait.</summary>
    /// <exception cref="LinuxException">The process has no room for two more descriptors.</exception>
    public static (Descriptor Read, Descriptor Write) Create()
    {
        var fds = stackalloc int[2];
        if (Libc.pipe2(fds, Libc.CloseOnExec) < 0)
            throw LinuxException.Last("pipe2()");
        return (new Descriptor(fds[0]), new Descriptor(fds[1]));
    }

    /// <summary>Asks for a capacity; the kernel refuses when the user's pipe memory is spent.</summary>
    /// <param name="pipe">Either end.</param>
    /// <param name="bytes">Wished capacity; rounded up to a power of two pages.</param>
    /// <returns>The capacity now, or null if it was refused.</returns>
    public static long? TrySetCapacity(Descriptor pipe, int bytes)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        using var use = new Descriptor.Use(pipe);
        var result = Libc.fcntl(use.Number, Libc.FSetPipeSize, bytes);
        return result >= 0 ? result : null;
    }

    /// <summary>Bytes that fit into the pipe.</summary>
    /// <param name="pipe">Either end.</param>
    /// <exception cref="LinuxException">It is no pipe.</exception>
    public static long GetCapacity(Descriptor pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        using var use = new Descriptor.Use(pipe);
        var result = Libc.fcntl(use.Number, Libc.FGetPipeSize, 0);
        return result >= 0 ? result : throw LinuxException.Last($"fcntl({use.Number}, F_GETPIPE_SZ)");
    }

    /// <summary>Opens the pipe anew for reading and writing: nobody's death can then break it for those who write into it.</summary>
    /// <param name="pipe">Either end.</param>
    /// <exception cref="LinuxException">/proc is missing.</exception>
    public static Descriptor ReopenReadWrite(Descriptor pipe)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        using var use = new Descriptor.Use(pipe);
        return Descriptor.Open($"/proc/self/fd/{use.Number}", OpenFlags.ReadWrite);
    }
}

/// <summary>Moves bytes between descriptors inside the kernel.</summary>
public static unsafe class Splice
{
    private const uint MoveFlag = 1;
    private const uint NonBlockingFlag = 2;

    /// <summary>
    /// Moves bytes; at least one side is a pipe. The target must not be opened for appending. Bytes leave the pipe only as they
    /// arrive at the target: the death of this process loses and doubles none.
    /// </summary>
    /// <param name="from">From where.</param>
    /// <param name="to">To where, at its current position.</param>
    /// <param name="max">Most bytes, at least 1.</param>
    /// <param name="wait">Whether to wait for bytes.</param>
    /// <returns>How many were moved; 0 at the end; null if it would have to wait.</returns>
    /// <exception cref="LinuxException">Moving failed, for example for want of disk space.</exception>
    public static long? Move(Descriptor from, Descriptor to, long max, bool wait)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        // Zero bytes would look like the end.
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var source = new Descriptor.Use(from);
        using var target = new Descriptor.Use(to);
        while (true)
        {
            var moved = Libc.splice(source.Number, null, target.Number, null, (nuint)max, MoveFlag | (wait ? 0 : NonBlockingFlag));
            if (moved >= 0)
                return moved;
            var error = Libc.LastError;
            if (error == Errno.EAGAIN)
                return null;
            if (error != Errno.EINTR)
                throw new LinuxException($"splice({source.Number}, {target.Number})", error);
        }
    }

    /// <summary>Copies bytes from one pipe to another without taking them out.</summary>
    /// <param name="from">From where.</param>
    /// <param name="to">To where.</param>
    /// <param name="max">Most bytes, at least 1.</param>
    /// <param name="wait">Whether to wait for bytes.</param>
    /// <returns>How many were copied; 0 at the end; null if it would have to wait.</returns>
    /// <exception cref="LinuxException">Copying failed.</exception>
    public static long? Tee(Descriptor from, Descriptor to, long max, bool wait)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        using var source = new Descriptor.Use(from);
        using var target = new Descriptor.Use(to);
        while (true)
        {
            var copied = Libc.tee(source.Number, target.Number, (nuint)max, wait ? 0 : NonBlockingFlag);
            if (copied >= 0)
                return copied;
            var error = Libc.LastError;
            if (error == Errno.EAGAIN)
                return null;
            if (error != Errno.EINTR)
                throw new LinuxException($"tee({source.Number}, {target.Number})", error);
        }
    }
}
