namespace Lifeline.Monitor;

/// <summary>What kind of thing a generation was seen to hold.</summary>
public enum FoundKind
{
    /// <summary>A Unix socket bound to a path.</summary>
    Socket,

    /// <summary>POSIX shared memory: a file in /dev/shm.</summary>
    SharedMemory,

    /// <summary>A lock file or a file with a process number.</summary>
    LockFile,
}

/// <summary>Something with a name that the living generation made and held, seen while it lived.</summary>
/// <param name="Kind">What kind of thing.</param>
/// <param name="Path">Its absolute path, without links.</param>
/// <param name="Device">Number of its file system.</param>
/// <param name="Inode">Its number there: another thing under the same name is not it.</param>
public sealed record FoundRecord(FoundKind Kind, string Path, ulong Device, ulong Inode);
