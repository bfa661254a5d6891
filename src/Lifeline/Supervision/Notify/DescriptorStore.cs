using System.Globalization;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Descriptors that services gave into safe keeping (FDSTORE=1), in the keeper's table: they outlive the service, its monitor and, through
/// the monitor, its keeper, and are given back at the next start. Thread-safe.
/// </summary>
internal sealed class DescriptorStore : IDisposable
{
    /// <summary>Descriptors kept for one service; one more is not taken.</summary>
    public const int MaxStored = 32;

    /// <summary>The name of a descriptor that was given none.</summary>
    public const string DefaultName = "stored";

    private const string Prefix = "store/";
    private const string Polled = "p";
    private const string Unpolled = "n";

    private readonly KeeperLink _keeper;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Entry>> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, string> _watched = [];

    // Let go of, but a launch that names them may be under way: they stay with the keeper until the next one is made ready.
    private readonly Dictionary<string, List<string>> _ended = new(StringComparer.Ordinal);
    private ulong _lastNumber;

    /// <summary>Takes over what an earlier monitor left with the keeper.</summary>
    public DescriptorStore(KeeperLink keeper)
    {
        _keeper = keeper;
        foreach (var name in keeper.State.Descriptors)
        {
            if (!name.StartsWith(Prefix, StringComparison.Ordinal) || name.Split('/', 5) is not [_, var service, var number, var polled, var given]
                || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || keeper.Duplicate(name) is not { } descriptor)
            {
                continue;
            }

            _lastNumber = Math.Max(_lastNumber, index);
            Keep(service, new Entry(index, name, given, descriptor), polled == Polled);
        }

        foreach (var entries in _entries.Values)
            entries.Sort((a, b) => a.Number.CompareTo(b.Number));
    }

    /// <summary>Readable when <see cref="RemoveEnded"/> has something to do.</summary>
    public Epoll Watch { get; } = Epoll.Create();

    /// <summary>What is kept for a service, oldest first: the name in the keeper's table, and the name the service gave.</summary>
    public IReadOnlyList<(string Held, string Name)> ForLaunch(string service)
    {
        lock (_gate)
        {
            DropEnded(service);
            return _entries.TryGetValue(service, out var entries) ? [.. entries.Select(entry => (entry.Held, entry.Name))] : [];
        }
    }

    /// <summary>The names that a service gave to what is kept for it, oldest first.</summary>
    public IReadOnlyList<string> NamesOf(string service)
    {
        lock (_gate)
            return _entries.TryGetValue(service, out var entries) ? [.. entries.Select(entry => entry.Name)] : [];
    }

    /// <summary>Takes descriptors; those that are kept already are not taken again.</summary>
    /// <returns>Why some were not taken; null if all were.</returns>
    public string? Add(string service, string? name, IReadOnlyList<Descriptor> descriptors, bool isPolled)
    {
        name ??= DefaultName;
        lock (_gate)
        {
            foreach (var descriptor in descriptors)
            {
                var known = _entries.GetValueOrDefault(service);
                if (known?.Any(entry => entry.Descriptor.IsSameOpenFile(descriptor)) ?? false)
                    continue;
                if (known?.Count >= MaxStored)
                    return $"{MaxStored} descriptors are stored for it already, the limit (FDSTORE)";
                var number = ++_lastNumber;
                var held = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{service}/{number}/{(isPolled ? Polled : Unpolled)}/{name}");
                try
                {
                    _keeper.Put(held, descriptor);
                }
                catch (KeeperProtocolException e)
                {
                    return e.Message;
                }

                Keep(service, new Entry(number, held, name, descriptor.Duplicate()), isPolled);
            }
        }

        return null;
    }

    /// <summary>Lets go of what a service stored under a name; without one, of nothing, as with systemd.</summary>
    public void Remove(string service, string? name)
    {
        if (name is null)
            return;
        lock (_gate)
        {
            foreach (var entry in (_entries.GetValueOrDefault(service) ?? []).Where(entry => entry.Name == name).ToList())
                LetGo(service, entry);
        }
    }

    /// <summary>Lets go of everything that is kept for a service.</summary>
    public void Drop(string service)
    {
        lock (_gate)
        {
            foreach (var entry in (_entries.GetValueOrDefault(service) ?? []).ToList())
                LetGo(service, entry);
            DropEnded(service);
        }
    }

    /// <summary>Lets go of those whose other end is gone: nobody can do anything with them any more.</summary>
    public void RemoveEnded()
    {
        Span<EpollEvent> events = stackalloc EpollEvent[64];
        lock (_gate)
        {
            foreach (var ended in events[..Watch.Wait(events, 0)])
            {
                if (_watched.TryGetValue(ended.Tag, out var service) && _entries[service].Find(entry => entry.Number == ended.Tag) is { } entry)
                    LetGo(service, entry, laterAtKeeper: true);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _entries.Values.SelectMany(entries => entries))
                entry.Descriptor.Dispose();
            _entries.Clear();
            _watched.Clear();
        }

        Watch.Dispose();
    }

    private void Keep(string service, Entry entry, bool isPolled)
    {
        if (!_entries.TryGetValue(service, out var entries))
            _entries[service] = entries = [];
        entries.Add(entry);
        if (!isPolled)
            return;
        try
        {
            // Errors and the end of the other side are told whatever is asked for.
            Watch.Add(entry.Descriptor, EpollEvents.None, entry.Number);
            _watched[entry.Number] = service;
        }
        catch (LinuxException)
        {
            // A file, which has no other side.
        }
    }

    private void DropEnded(string service)
    {
        if (!_ended.Remove(service, out var ended))
            return;
        foreach (var held in ended)
            _keeper.Drop(held);
    }

    private void LetGo(string service, Entry entry, bool laterAtKeeper = false)
    {
        if (_watched.Remove(entry.Number))
            Watch.Remove(entry.Descriptor);
        if (!_ended.TryGetValue(service, out var ended) && laterAtKeeper)
            _ended[service] = ended = [];
        if (laterAtKeeper && ended!.Count < MaxStored)
            ended.Add(entry.Held);
        else
            _keeper.Drop(entry.Held);
        entry.Descriptor.Dispose();
        var entries = _entries[service];
        entries.Remove(entry);
        if (entries.Count == 0)
            _entries.Remove(service);
    }

    private sealed record Entry(ulong Number, string Held, string Name, Descriptor Descriptor);
}
