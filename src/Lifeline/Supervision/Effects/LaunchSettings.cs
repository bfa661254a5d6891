using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>User and limits of a service as its launch needs them.</summary>
internal static class LaunchSettings
{
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OpenSocketMode = SocketMode | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Whom the launcher becomes; null: it stays who it is.</summary>
    /// <exception cref="ArgumentException">Only root could become that user.</exception>
    public static LaunchIdentity? IdentityOf(ServiceConfiguration service)
    {
        if (service.Identity is not { } wanted)
            return null;
        if (CurrentProcess.Uid == 0)
            return new LaunchIdentity(wanted.Uid, wanted.Gid, wanted.Groups);
        if (wanted.Uid == CurrentProcess.Uid && wanted.Gid == CurrentProcess.Gid)
            return null;
        throw new ArgumentException(
            $"{service.Name} is to run as {wanted.User} (user {wanted.Uid}, group {wanted.Gid}), and Lifeline runs as user {CurrentProcess.Uid}, group {CurrentProcess.Gid}: " +
            "run it as root, or take away user and unix_group");
    }

    /// <summary>The limits of setrlimit(2).</summary>
    public static IReadOnlyList<LaunchLimit> LimitsOf(ServiceConfiguration service)
    {
        var limits = new List<LaunchLimit>();
        if (service.Limits.OpenFiles is { } files)
            limits.Add(new LaunchLimit(ResourceLimit.Descriptors, (ulong)files, (ulong)files));
        if (service.Limits.Core is { } core)
            limits.Add(new LaunchLimit(ResourceLimit.Core, (ulong)core, (ulong)core));
        return limits;
    }

    /// <summary>What a login would set.</summary>
    public static IEnumerable<KeyValuePair<string, string>> VariablesOf(ServiceConfiguration service) => service.Identity is not { } identity ? [] :
    [
        new("HOME", identity.Home), new("LOGNAME", identity.User), new("SHELL", identity.Shell), new("USER", identity.User),
    ];

    /// <summary>The socket for its notifications is its user's alone, unless the service becomes another one by itself and nobody knows which.</summary>
    /// <exception cref="LinuxException">It cannot be given away.</exception>
    public static void GiveSocket(ServiceConfiguration service, string path)
    {
        if (CurrentProcess.Uid != 0)
            return;
        var (uid, gid) = service.Identity is { } identity ? (identity.Uid, identity.Gid) : (CurrentProcess.Uid, CurrentProcess.Gid);
        if (FileStatus.TryOf(path, followLinks: false) is null)
            return;
        FileOwner.Set(path, uid, gid);
        File.SetUnixFileMode(path, service.OpenNotifySocket ? OpenSocketMode : SocketMode);
    }
}
