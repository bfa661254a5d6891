using System.Globalization;
using System.Net;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// The listening sockets of services. The keeper holds them from the first start of a service until it is stopped on order, so a restart
/// refuses no connection: it waits in the kernel. All instances of a service get the same ones. Thread-safe.
/// </summary>
internal sealed class ListenSockets
{
    /// <summary>Most sockets of one service: with what it may store they must fit into one launch.</summary>
    public const int MaxSockets = 30;

    private const string Prefix = "listen/";

    // As systemd makes them: who may connect is decided by the folder.
    private const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly KeeperLink _keeper;
    private readonly CallerResolver _callers;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, HashSet<string>> _held = new(StringComparer.Ordinal);

    /// <summary>Knows what an earlier monitor left with the keeper.</summary>
    public ListenSockets(KeeperLink keeper, CallerResolver callers)
    {
        (_keeper, _callers) = (keeper, callers);
        foreach (var name in keeper.State.Descriptors)
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && name.Split('/', 4) is [_, var family, _, _])
                HeldOf(family).Add(name);
    }

    /// <summary>Makes what is missing, closes what is not wanted any more.</summary>
    /// <returns>The names in the keeper's table and those for the service, in the order of the configuration.</returns>
    /// <exception cref="ListenException">One cannot be made.</exception>
    public IReadOnlyList<(string Held, string Name)> Open(ServiceConfiguration service)
    {
        if (service.Listen.Count > MaxSockets)
            throw new ListenException($"{service.Name} has {service.Listen.Count} listening sockets; at most {MaxSockets} can be handed over (listen)");
        lock (_gate)
        {
            var wanted = service.Listen.Select(socket => (Held: HeldName(service.Family, socket), socket.Name)).ToList();
            if (wanted.Count == 0 && !_held.ContainsKey(service.Family))
                return [];
            var held = HeldOf(service.Family);
            foreach (var stale in held.Where(name => wanted.TrueForAll(one => one.Held != name)).ToList())
                Drop(held, stale);
            for (var i = 0; i < wanted.Count; i++)
                Open(held, wanted[i].Held, service, service.Listen[i]);
            return wanted;
        }
    }

    /// <summary>
    /// Gets back from a living process what it was handed, if nobody else holds it: keeper and monitor ended together. Without it the
    /// address would be in use, by the service itself, for a next generation beside it, and connections would be refused after its end.
    /// </summary>
    public void TakeBack(ServiceConfiguration service, int? pid)
    {
        if (pid is null || service.Listen.Count == 0)
            return;
        lock (_gate)
        {
            var held = HeldOf(service.Family);
            foreach (var socket in service.Listen)
            {
                var name = HeldName(service.Family, socket);
                if (held.Contains(name))
                    continue;
                using var found = AddressHolders.Duplicate(socket, pid.Value);
                if (found is null)
                    continue;
                _keeper.Put(name, found);
                held.Add(name);
            }
        }
    }

    /// <summary>The sockets of a service as people know them.</summary>
    public IReadOnlyList<SnapshotSocket> Describe(ServiceConfiguration service)
    {
        if (service.Listen.Count == 0)
            return [];
        lock (_gate)
        {
            var held = _held.GetValueOrDefault(service.Family);
            return
            [
                .. service.Listen.Select(socket => new SnapshotSocket
                {
                    Name = socket.Name,
                    Kind = KindName(socket.Kind),
                    Address = AddressOf(socket),
                    IsOpen = held?.Contains(HeldName(service.Family, socket)) ?? false,
                }),
            ];
        }
    }

    /// <summary>Whether sockets of a service are held.</summary>
    public bool HasAny(string family)
    {
        lock (_gate)
            return _held.ContainsKey(family);
    }

    /// <summary>Closes the sockets of a service whose last instance was stopped.</summary>
    public void Close(string family)
    {
        lock (_gate)
        {
            if (!_held.Remove(family, out var held))
                return;
            foreach (var name in held.ToList())
                Drop(held, name);
        }
    }

    private static string HeldName(string family, ListenSettings socket) => string.Create(CultureInfo.InvariantCulture,
        $"{Prefix}{family}/{socket.Name}/{KindName(socket.Kind)}:{socket.Address}:{socket.Port}");

    private static string KindName(ListenKind kind) => kind switch
    {
        ListenKind.Tcp => "tcp",
        ListenKind.Udp => "udp",
        _ => "unix",
    };

    private static string AddressOf(ListenSettings socket) =>
        socket.Kind == ListenKind.Unix ? socket.Address : new IPEndPoint(IPAddress.Parse(socket.Address), socket.Port).ToString();

    private static string? PathOf(string held)
    {
        var kind = held.IndexOf("/unix:", StringComparison.Ordinal);
        return kind < 0 ? null : held[(kind + "/unix:".Length)..held.LastIndexOf(':')];
    }

    private HashSet<string> HeldOf(string family)
    {
        if (!_held.TryGetValue(family, out var held))
            _held[family] = held = new HashSet<string>(StringComparer.Ordinal);
        return held;
    }

    private void Open(HashSet<string> held, string name, ServiceConfiguration service, ListenSettings wanted)
    {
        if (held.Contains(name))
        {
            // Many programs remove the file of their socket when they end; nobody would find it any more.
            if (wanted.Kind != ListenKind.Unix || FileStatus.TryOf(wanted.Address, followLinks: false) is { Kind: FileKind.Socket })
                return;
            Drop(held, name);
        }

        try
        {
            using var socket = Make(wanted);
            _keeper.Put(name, socket);
            held.Add(name);
        }
        catch (LinuxException e) when (e.Errno == Errno.EADDRINUSE)
        {
            throw new ListenException($"the socket \"{wanted.Name}\" of {service.Name} cannot listen: {AddressOf(wanted)} is in use by {Holder(wanted)}", e);
        }
        catch (LinuxException e)
        {
            throw new ListenException($"the socket \"{wanted.Name}\" of {service.Name} cannot listen at {AddressOf(wanted)}: {LinuxException.Describe(e.Errno)}", e);
        }
    }

    private static Descriptor Make(ListenSettings wanted) => wanted.Kind switch
    {
        ListenKind.Tcp => InternetSocket.Listen(IPAddress.Parse(wanted.Address), wanted.Port),
        ListenKind.Udp => InternetSocket.Bind(IPAddress.Parse(wanted.Address), wanted.Port),
        _ => UnixSocket.Listen(wanted.Address, UnixSocketType.Stream, InternetSocket.Backlog, SocketMode),
    };

    private string Holder(ListenSettings wanted)
    {
        if (AddressHolders.Find(wanted) is not { } pid)
            return "a process that cannot be found from here";
        var name = string.Create(CultureInfo.InvariantCulture, $"process {pid} ({ProcFs.TryReadStat(pid)?.Name ?? "?"})");
        return _callers.Resolve(pid) is { } owner ? $"{name} of the service {SlotKeys.ServiceOf(owner.Service)}" : name;
    }

    private void Drop(HashSet<string> held, string name)
    {
        held.Remove(name);
        _keeper.Drop(name);
        if (PathOf(name) is { } path && FileStatus.TryOf(path, followLinks: false) is { Kind: FileKind.Socket })
            Remove(path);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next who listens there replaces it.
        }
    }
}
