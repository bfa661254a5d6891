using Lifeline.Linux.Native;

namespace Lifeline.Linux;

/// <summary>
/// An exclusive lock on a file (flock): held as long as any descriptor of the same open file lives, in any process.
/// </summary>
public sealed class FileLock : IDisposable
{
    private const int Exclusive = 2;
    private const int DoNotWait = 4;

    private FileLock(Descriptor descriptor) => Descriptor = descriptor;

    /// <summary>The descriptor that holds it; handing it on hands on the lock.</summary>
    public Descriptor Descriptor { get; }

    /// <summary>Takes the lock, or returns null if somebody holds it. The file is made if it is missing (0600).</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="LinuxException">The file cannot be opened.</exception>
    public static FileLock? TryAcquire(string path)
    {
        var file = Descriptor.Open(path, OpenFlags.ReadWrite | OpenFlags.Create);
        FileLock? held = null;
        try
        {
            return held = TryLock(file) ? new FileLock(file) : null;
        }
        finally
        {
            if (held is null)
                file.Dispose();
        }
    }

    /// <summary>Sees a handed-on descriptor as the lock it holds.</summary>
    /// <param name="descriptor">The descriptor, which belongs to this object from now on.</param>
    /// <returns>Null if somebody else holds the lock; the descriptor is left alone then.</returns>
    public static FileLock? TryTakeOver(Descriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        return TryLock(descriptor) ? new FileLock(descriptor) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => Descriptor.Dispose();

    private static bool TryLock(Descriptor file)
    {
        using var use = new Descriptor.Use(file);
        while (Libc.flock(use.Number, Exclusive | DoNotWait) < 0)
        {
            var error = Libc.LastError;
            if (error == Errno.EAGAIN)
                return false;
            if (error != Errno.EINTR)
                throw new LinuxException($"flock({use.Number})", error);
        }

        return true;
    }
}
