using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>The keeper's files in the run folder: the lock, keeper.pid and monitor.pid.</summary>
internal static class RunFolder
{
    private const UnixFileMode RunMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode StateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode PidFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    // Dying launchers hold the lock for a moment after the keeper is gone.
    private const int LockAttempts = 20;
    private const int LockPauseMilliseconds = 100;

    /// <summary>Makes run and state folder, and refuses a run folder that somebody else could change.</summary>
    /// <exception cref="IOException">A folder cannot be made, or belongs to another user.</exception>
    public static void Prepare(KeeperOptions options)
    {
        Make(options.RunDirectory, RunMode);
        Make(options.StateDirectory, StateMode);
    }

    /// <summary>Takes the lock; null if another keeper, its monitor or its launchers hold it.</summary>
    public static FileLock? TryLock(string runDirectory)
    {
        string path = Path.Combine(runDirectory, "lock");
        using EventFd never = EventFd.Create();
        for (int attempt = 1; ; attempt++)
        {
            if (FileLock.TryAcquire(path) is { } taken) return taken;
            if (attempt == LockAttempts || IsKeeperAlive(runDirectory)) return null;
            Poller.IsReady(never, PollEvents.In, LockPauseMilliseconds);
        }
    }

    /// <summary>
    /// The lock that was handed to this process at a number, commonly <see cref="KeeperProtocol.LockDescriptor"/>; null if there is none. What the runtime
    /// may have opened at that number is left alone.
    /// </summary>
    public static Descriptor? TryTakeInheritedLock(string runDirectory, int number = KeeperProtocol.LockDescriptor)
    {
        FileStatus? inherited = FileStatus.TryOf($"/proc/self/fd/{number}");
        FileStatus? file = FileStatus.TryOf(Path.Combine(runDirectory, "lock"));
        bool isLock = inherited is { } held && file is { } known && held.Inode == known.Inode && held.Device == known.Device;
        return isLock ? Descriptor.Adopt(number) : null;
    }

    public static void WriteKeeperPid(string runDirectory, int pid) => WritePid(Path.Combine(runDirectory, "keeper.pid"), pid);

    public static void WriteMonitorPid(string runDirectory, int pid) => WritePid(Path.Combine(runDirectory, "monitor.pid"), pid);

    /// <summary>The pid in keeper.pid; null if there is none.</summary>
    public static int? ReadKeeperPid(string runDirectory) =>
        ProcFs.TryReadText(Path.Combine(runDirectory, "keeper.pid")) is { } text
        && int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;

    public static void RemovePids(string runDirectory)
    {
        foreach (string name in (ReadOnlySpan<string>)["keeper.pid", "monitor.pid"])
        {
            try
            {
                File.Delete(Path.Combine(runDirectory, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A file that stays names a pid that holds no lock: the next start overwrites it.
            }
        }
    }

    private static bool IsKeeperAlive(string runDirectory)
    {
        if (ReadKeeperPid(runDirectory) is not { } pid) return false;
        using PidFd? keeper = PidFd.TryOpen(pid);
        return keeper is { HasExited: false };
    }

    private static void Make(string folder, UnixFileMode mode)
    {
        if (FileStatus.TryOf(folder, followLinks: false) is null)
        {
            Directory.CreateDirectory(folder, mode);
            File.SetUnixFileMode(folder, mode); // the umask may have taken bits away
        }

        FileStatus status = Look(folder, followLinks: false);
        if (status is { Kind: FileKind.Link } && status.Uid == CurrentProcess.Uid) status = Look(folder, followLinks: true);
        if (status.Kind != FileKind.Folder) throw new IOException($"{folder} is no folder ({status.Kind})");
        if (status.Uid != CurrentProcess.Uid)
            throw new IOException($"the folder {folder} belongs to user {status.Uid}, not to us ({CurrentProcess.Uid}): choose another with --run-dir or --state-dir");

        if ((status.Mode & WritableByOthers) != 0)
            throw new IOException($"the folder {folder} can be written by others (mode {Convert.ToString((int)status.Mode, 8)}): chmod go-w {folder}");
    }

    private static FileStatus Look(string folder, bool followLinks) =>
        FileStatus.TryOf(folder, followLinks) ?? throw new IOException($"the folder {folder} cannot be looked at");

    private static void WritePid(string path, int pid)
    {
        string fresh = path + ".new";
        File.WriteAllText(fresh, pid.ToString(CultureInfo.InvariantCulture) + "\n");
        File.SetUnixFileMode(fresh, PidFileMode);
        File.Move(fresh, path, overwrite: true);
    }
}
