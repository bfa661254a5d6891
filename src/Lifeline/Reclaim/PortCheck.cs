using System.Globalization;
using System.Net;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Looks whether the ports a service declared are free, and names who holds them. Takes nothing away from anybody.</summary>
internal static class PortCheck
{
    private const string Listening = "0A";

    public static void Run(IReadOnlyList<IPEndPoint> ports, ReclaimReport report)
    {
        var held = new Dictionary<string, IPEndPoint>(StringComparer.Ordinal);
        foreach (var line in Lines())
        {
            // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode
            var fields = line.Split(' ', 11, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 10 || fields[3] != Listening || Parse(fields[1]) is not { } local)
                continue;
            if (ports.FirstOrDefault(p => Collides(p, local)) is { } port)
                held.TryAdd(fields[9], port);
        }

        if (held.Count == 0)
            return;
        var holders = Holders(held.Keys.ToHashSet(StringComparer.Ordinal));
        foreach (var (inode, port) in held)
        {
            var who = holders.GetValueOrDefault(inode, "a process that may not be looked into");
            report.Add(ReclaimKind.Port, port.ToString(), ReclaimOutcome.Kept, $"{who} listens on it");
        }
    }

    private static IEnumerable<string> Lines() =>
        (ProcFs.TryReadLines("/proc/net/tcp") ?? []).Skip(1).Concat((ProcFs.TryReadLines("/proc/net/tcp6") ?? []).Skip(1));

    private static bool Collides(IPEndPoint wanted, IPEndPoint there) =>
        wanted.Port == there.Port && (wanted.Address.Equals(there.Address) || IsAny(wanted.Address) || IsAny(there.Address)
            || (there.Address.IsIPv4MappedToIPv6 && there.Address.MapToIPv4().Equals(wanted.Address)));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>The kernel prints an address as words in its own byte order.</summary>
    private static IPEndPoint? Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon is not (8 or 32) || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port))
            return null;
        Span<byte> bytes = stackalloc byte[colon / 2];
        for (var word = 0; word < bytes.Length; word += 4)
        {
            if (!uint.TryParse(text.AsSpan(word * 2, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value))
                return null;
            BitConverter.TryWriteBytes(bytes[word..], value);
        }

        return new IPEndPoint(new IPAddress(bytes), port);
    }

    private static Dictionary<string, string> Holders(HashSet<string> inodes)
    {
        var holders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pid in ProcFs.ListProcesses())
        {
            try
            {
                foreach (var descriptor in Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd"))
                {
                    if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal) && inodes.Contains(target[8..^1]))
                        holders.TryAdd(target[8..^1], HolderScan.Name(pid));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended, or it is another user's.
            }

            if (holders.Count == inodes.Count)
                break;
        }

        return holders;
    }
}
