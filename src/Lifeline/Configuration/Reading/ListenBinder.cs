using System.Net;
using System.Text;

namespace Lifeline.Configuration;

/// <summary>Makes the records of listening sockets.</summary>
internal static class ListenBinder
{
    // sun_path of a Unix address, its final NUL counted off.
    private const int MaximumUnixPath = 107;

    private static readonly string[] Kinds = ["tcp", "udp", "unix"];

    public static IReadOnlyList<ListenSettings> Bind(SectionsByName? sockets, ErrorList errors)
    {
        if (sockets is null) return [];
        var list = new List<ListenSettings>();
        foreach (var (name, section) in sockets.Sections)
            if (BindOne(name, section, errors) is { } socket)
                list.Add(socket);
        return list;
    }

    private static ListenSettings? BindOne(string name, Section section, ErrorList errors)
    {
        var given = Kinds.Where(section.Has).ToArray();
        if (given.Length != 1)
        {
            if (given.Length == 0) errors.Add(section.Location, $"the socket {Quoted.Of(name)} has no address", "give exactly one of tcp, udp and unix");
            else errors.Add(section.Find(given[1])!.Value, $"the socket {Quoted.Of(name)} has both {given[0]} and {given[1]}", "give exactly one of tcp, udp and unix");
            return null;
        }
        return given[0] == "unix" ? BindUnix(name, section, errors) : BindInternet(name, given[0], section, errors);
    }

    private static ListenSettings? BindUnix(string name, Section section, ErrorList errors)
    {
        if (section.Get<string>("unix") is not { } path) return null;
        var length = Encoding.UTF8.GetByteCount(path);
        if (length <= MaximumUnixPath) return new ListenSettings { Name = name, Kind = ListenKind.Unix, Address = path, Port = 0 };
        errors.Add(section.Find("unix")!.Value, $"the path of a Unix socket has {length} bytes, at most {MaximumUnixPath} are possible", "use a shorter path");
        return null;
    }

    private static ListenSettings? BindInternet(string name, string kind, Section section, ErrorList errors)
    {
        if (section.Get<ProbeAddress>(kind) is not { } address) return null;
        if (IPAddress.TryParse(address.Host, out _))
            return new ListenSettings { Name = name, Kind = kind == "tcp" ? ListenKind.Tcp : ListenKind.Udp, Address = address.Host, Port = address.Port };
        errors.Add(section.Find(kind)!.Value, $"{Quoted.Of(address.Host)} is not an IP address", "write an address of this machine, 0.0.0.0 or [::] for all");
        return null;
    }
}
