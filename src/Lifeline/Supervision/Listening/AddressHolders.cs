using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>Who has an address that is in use: the kernel's tables of sockets, and whose descriptor it is. Only root sees the processes of all users.</summary>
internal static class AddressHolders
{
    private const string Listening = "0A";
    private const string Unconnected = "07";
    private const string Accepting = "00010000";

    /// <summary>A process that has the address; null if none can be found.</summary>
    public static int? Find(ListenSettings wanted)
    {
        var inodes = wanted.Kind == ListenKind.Unix ? OfPath(wanted.Address) : OfAddress(wanted);
        return inodes.Count == 0 ? null : Holder(inodes);
    }

    /// <summary>The socket of a process that was handed it: exactly this address, and no connection of it; null if it has none or may not be asked.</summary>
    public static Descriptor? Duplicate(ListenSettings wanted, int pid)
    {
        var inodes = wanted.Kind == ListenKind.Unix ? OfPath(wanted.Address, onlyListeners: true) : OfAddress(wanted, onlyListeners: true);
        using var process = inodes.Count == 0 ? null : PidFd.TryOpen(pid);
        if (process is null)
            return null;
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                if (FileStatus.TryOf(path) is { Kind: FileKind.Socket } status && inodes.Contains(status.Inode)
                    && int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    && process.TryDuplicate(number) is { } duplicate)
                    return duplicate;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, and what it had is gone.
        }

        return null;
    }

    private static HashSet<ulong> OfPath(string path, bool onlyListeners = false)
    {
        var inodes = new HashSet<ulong>();
        foreach (var line in ProcFs.TryReadLines("/proc/net/unix") ?? [])
        {
            // Num RefCount Protocol Flags Type St Inode Path
            var fields = line.Split(' ', 8, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 8 && fields[7] == path && (!onlyListeners || fields[3] == Accepting) && ulong.TryParse(fields[6], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                inodes.Add(inode);
        }

        return inodes;
    }

    private static HashSet<ulong> OfAddress(ListenSettings wanted, bool onlyListeners = false)
    {
        var (address, isStream) = (IPAddress.Parse(wanted.Address), wanted.Kind == ListenKind.Tcp);
        var inodes = new HashSet<ulong>();
        string[] tables = isStream ? ["/proc/net/tcp", "/proc/net/tcp6"] : ["/proc/net/udp", "/proc/net/udp6"];
        foreach (var line in tables.SelectMany(table => ProcFs.TryReadLines(table) ?? []))
        {
            // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || (isStream && fields[3] != Listening) || !ulong.TryParse(fields[9], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
                continue;
            if (onlyListeners && !isStream && fields[3] != Unconnected)
                continue;
            if (TryReadEndPoint(fields[1]) is { } bound && bound.Port == wanted.Port && (onlyListeners ? bound.Address.Equals(address) : Collide(bound.Address, address)))
                inodes.Add(inode);
        }

        return inodes;
    }

    private static bool Collide(IPAddress bound, IPAddress wanted)
    {
        if (IsAny(bound) || IsAny(wanted))
            return true;
        return bound.Equals(wanted) || (bound.IsIPv4MappedToIPv6 && bound.MapToIPv4().Equals(wanted));
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // The address stands there in words of 32 bits, each in the machine's order.
    private static IPEndPoint? TryReadEndPoint(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port))
            return null;
        var bytes = new byte[colon / 2];
        for (var word = 0; word < bytes.Length / 4; word++)
        {
            if (!uint.TryParse(text.AsSpan(word * 8, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
                return null;
            BitConverter.TryWriteBytes(bytes.AsSpan(word * 4), value);
        }

        return new IPEndPoint(new IPAddress(bytes), port);
    }

    private static int? Holder(HashSet<ulong> inodes)
    {
        foreach (var pid in ProcFs.ListProcesses())
        {
            try
            {
                foreach (var path in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                    if (FileStatus.TryOf(path) is { Kind: FileKind.Socket } status && inodes.Contains(status.Inode))
                        return pid;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process ended, or it is another user's.
            }
        }

        return null;
    }
}
