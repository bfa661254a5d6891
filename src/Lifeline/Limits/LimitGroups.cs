using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Limits;

/// <summary>
/// Where the kernel holds generations to their limits: the memory and pids controllers, in the hierarchy of the control groups themselves
/// (version 2) or in hierarchies beside it (version 1). There each generation has a group of the same name. Safe for any thread.
/// </summary>
internal sealed class LimitGroups
{
    private const string Memory = "memory";
    private const string Processes = "pids";
    private const string Setting = "control_groups_";

    private readonly Lock _gate = new();
    private readonly ControlGroupRoot _root;
    private readonly JournalStore? _journal;
    // Only ever added to: orders on their way name a hierarchy by its number.
    private readonly List<string> _further = [];
    private readonly Dictionary<string, LimitPlace?> _needed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LimitPlace> _known = new(StringComparer.Ordinal);

    /// <param name="root">Where the groups are.</param>
    /// <param name="journal">Remembers the places: services of an earlier monitor live there, wherever this one was started from.</param>
    public LimitGroups(ControlGroupRoot root, JournalStore? journal)
    {
        (_root, _journal) = (root, journal);
        foreach (var controller in (string[])[Memory, Processes])
            if (Recorded(controller) is { } place)
                _known[controller] = place;
        Sweep();
    }

    /// <summary>The hierarchies in which launchers make groups, beside the main one.</summary>
    public IReadOnlyList<string> Further
    {
        get
        {
            lock (_gate)
                return [.. _further];
        }
    }

    /// <summary>Whether the kernel can hold services to a number of processes. After <see cref="Need(bool, bool)"/>.</summary>
    public bool HoldsProcesses => PlaceOf(Processes) is not null;

    /// <summary>Below which folder memory is held, and of which processes; null where it is not. After <see cref="Need(bool, bool)"/>.</summary>
    public string? MemoryFolder => FolderOf(Memory);

    /// <inheritdoc cref="MemoryFolder"/>
    public string? ProcessesFolder => FolderOf(Processes);

    /// <summary>Looks for what these services need. May start a process and wait for it.</summary>
    /// <returns>Whether launchers must join other hierarchies than before.</returns>
    public bool Need(bool memory, bool processes)
    {
        var changed = false;
        if (memory)
            changed |= Need(Memory);
        if (processes)
            changed |= Need(Processes);
        return changed;
    }

    /// <summary>What is written into the groups of a generation before its exec.</summary>
    public IReadOnlyList<LaunchGroupValue> ValuesOf(LimitSettings limits)
    {
        var values = new List<LaunchGroupValue>();
        if (limits.Memory is { } memory && PlaceOf(Memory) is { } place)
        {
            var (bytes, number) = (memory.ToString(CultureInfo.InvariantCulture), NumberOf(place));
            if (place.Version == ControlGroupVersion.V2)
            {
                values.Add(new(number, "memory.max", bytes, false));
                values.Add(new(number, "memory.swap.max", "0", true));
                values.Add(new(number, "memory.oom.group", "1", true));
            }
            else
            {
                values.Add(new(number, "memory.limit_in_bytes", bytes, false));
                values.Add(new(number, "memory.memsw.limit_in_bytes", bytes, true));
            }
        }

        if (limits.Processes is { } processes && PlaceOf(Processes) is { } pids)
            values.Add(new(NumberOf(pids), "pids.max", processes.ToString(CultureInfo.InvariantCulture), false));
        return values;
    }

    /// <summary>The group that counts a generation's memory, if there is one.</summary>
    /// <param name="main">Its main group.</param>
    public MemoryGroup? MemoryOf(string main)
    {
        lock (_gate)
        {
            return _known.TryGetValue(Memory, out var place)
                ? new MemoryGroup(place.Version, Path.Combine(place.Folder, Path.GetFileName(main)))
                : null;
        }
    }

    /// <summary>Whether the kernel holds a generation to a number of processes.</summary>
    /// <param name="main">Its main group.</param>
    public bool LimitsProcessesOf(string main)
    {
        LimitPlace place;
        lock (_gate)
        {
            if (!_known.TryGetValue(Processes, out place))
                return false;
        }

        var most = ProcFs.TryReadText(Path.Combine(place.Folder, Path.GetFileName(main), "pids.max"));
        return long.TryParse(most, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>A generation is proven empty and its main group gone: so may the others go.</summary>
    public void Remove(string main)
    {
        var folders = Beside();
        if (folders.Length > 0)
        {
            _ = Task.Run(() =>
            {
                foreach (var folder in folders)
                    TryRemove(Path.Combine(folder, Path.GetFileName(main)));
            });
        }
    }

    /// <summary>Gives up the places beside the main one, if nothing lives in them.</summary>
    public void RemoveRoots()
    {
        foreach (var folder in Beside())
            TryRemove(folder);
    }

    private bool Need(string controller)
    {
        lock (_gate)
        {
            if (_needed.ContainsKey(controller))
                return false;
        }

        // Not under the lock: it may wait for a process.
        var place = Find(controller);
        lock (_gate)
        {
            if (!_needed.TryAdd(controller, place) || place is not { } found)
                return false;
            _known[controller] = found;
            _journal?.Commit(new JournalBatch { Settings = [new(Setting + controller, string.Create(CultureInfo.InvariantCulture, $"{(int)found.Version} {found.Folder}"))] });
            if (found.Folder == _root.Path || _further.Contains(found.Folder))
                return false;
            _further.Add(found.Folder);
            return true;
        }
    }

    private LimitPlace? Find(string controller)
    {
        lock (_gate)
        {
            if (_known.TryGetValue(controller, out var known) && known.Version == ControlGroupVersion.V1)
                return known;
        }

        if (_root.TryEnable(controller))
            return new LimitPlace(ControlGroupVersion.V2, _root.Path);
        return ControlGroupRoot.FindController(Path.GetFileName(_root.Path), controller) is { } beside
            ? new LimitPlace(ControlGroupVersion.V1, beside.Path)
            : null;
    }

    private LimitPlace? PlaceOf(string controller)
    {
        lock (_gate)
            return _needed.GetValueOrDefault(controller);
    }

    private string? FolderOf(string controller) => PlaceOf(controller) is { } place ? Path.GetDirectoryName(place.Folder) : null;

    private int NumberOf(LimitPlace place)
    {
        lock (_gate)
            return place.Folder == _root.Path ? 0 : _further.IndexOf(place.Folder) + 1;
    }

    private LimitPlace? Recorded(string controller)
    {
        if (_journal?.Recovered.Settings.GetValueOrDefault(Setting + controller)?.Split(' ', 2) is not [var version, var folder])
            return null;
        var place = new LimitPlace(version == "1" ? ControlGroupVersion.V1 : ControlGroupVersion.V2, folder);
        var isThere = place.Version == ControlGroupVersion.V2 ? folder == _root.Path : FileStatus.TryOf(folder) is { Kind: FileKind.Folder };
        return isThere ? place : null;
    }

    // What a monitor that died had not removed. A launcher makes its main group first: what has none any more is of the past.
    private void Sweep()
    {
        foreach (var folder in Beside())
        {
            var names = _root.Of(folder).Exists ? ControlGroupRoot.Reopen(ControlGroupVersion.V1, folder).ListNames() : [];
            foreach (var name in names.Except(_root.ListNames()))
                TryRemove(Path.Combine(folder, name));
        }
    }

    private string[] Beside()
    {
        lock (_gate)
            return [.. _known.Values.Select(place => place.Folder).Where(folder => folder != _root.Path).Distinct(StringComparer.Ordinal)];
    }

    private static void TryRemove(string folder)
    {
        try
        {
            ControlGroupRoot.Reopen(ControlGroupVersion.V1, folder).Remove();
        }
        catch (LinuxException)
        {
            // For want of descriptors, for example: the next monitor sweeps.
        }
    }

    private readonly record struct LimitPlace(ControlGroupVersion Version, string Folder);
}
