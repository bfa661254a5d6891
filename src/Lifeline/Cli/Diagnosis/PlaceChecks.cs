using System.Globalization;
using System.Text;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Cli.Diagnosis;

/// <summary>Who we are, where we would run, and whether somebody runs there.</summary>
internal static class PlaceChecks
{
    private const int MaximumSocketPath = 107;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    public static IEnumerable<Finding> All(Places places)
    {
        yield return User();
        yield return Folder("run folder", places.RunFolder, "--run-dir");
        yield return Folder("state folder", places.StateFolder, "--state-dir");
        yield return SocketPath(places);
        yield return RunningMonitor.FindKeeper(places) is { } pid
            ? new Finding(FindingLevel.Good, "monitor", string.Create(CultureInfo.InvariantCulture, $"running (keeper pid {pid})"))
            : new Finding(FindingLevel.Good, "monitor", "not running here");
    }

    private static Finding User()
    {
        var uid = CurrentProcess.Uid;
        var name = Users.Find(uid)?.Name ?? uid.ToString(CultureInfo.InvariantCulture);
        return uid == 0
            ? new Finding(FindingLevel.Good, "user", "root")
            : new Finding(FindingLevel.Less, "user", string.Create(CultureInfo.InvariantCulture, $"{name} ({uid})"), "services run as this user; files of others are kept by the reclaim");
    }

    private static Finding Folder(string what, string folder, string option)
    {
        var uid = CurrentProcess.Uid;
        if (FileStatus.TryOf(folder) is { } status)
        {
            if (status.Kind != FileKind.Folder) return Bad($"{folder} is no folder");
            if (status.Uid != uid) return Bad($"{folder} belongs to user {status.Uid}");
            if ((status.Mode & WritableByOthers) != 0) return Bad($"{folder} can be written by others (mode {Convert.ToString((int)status.Mode & 0x1FF, 8)})");
            return new Finding(FindingLevel.Good, what, folder);
        }
        return MayCreate(folder) ? new Finding(FindingLevel.Good, what, $"{folder} (made at the first start)") : Bad($"{folder} does not exist and cannot be made");

        Finding Bad(string why) => new(FindingLevel.Bad, what, why, $"choose another with {option}");
    }

    // Asked of the nearest folder there is; asking is not making.
    private static bool MayCreate(string folder)
    {
        var existing = Path.GetDirectoryName(folder);
        while (existing is not null && !Directory.Exists(existing)) existing = Path.GetDirectoryName(existing);
        if (existing is null || FileStatus.TryOf(existing) is not { } status) return false;
        if (CurrentProcess.Uid == 0) return true;
        if (status.Uid == CurrentProcess.Uid) return status.Mode.HasFlag(UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (status.Gid == CurrentProcess.Gid && status.Mode.HasFlag(UnixFileMode.GroupWrite | UnixFileMode.GroupExecute)) return true;
        return status.Mode.HasFlag(UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
    }

    private static Finding SocketPath(Places places)
    {
        var length = Encoding.UTF8.GetByteCount(places.NotifyFolder) + 1;
        var left = MaximumSocketPath - length;
        if (left >= ServiceName.MaximumLength) return new Finding(FindingLevel.Good, "socket paths", "short enough for service names of any length");
        return left > 0
            ? new Finding(FindingLevel.Less, "socket paths", string.Create(CultureInfo.InvariantCulture, $"{places.NotifyFolder} is long"), string.Create(CultureInfo.InvariantCulture, $"names of services may have {left} characters; a shorter --run-dir allows {ServiceName.MaximumLength}"))
            : new Finding(FindingLevel.Bad, "socket paths", $"{places.NotifyFolder} is too long for sockets in it", "choose a shorter --run-dir");
    }
}
