using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Limits;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// The control group of each generation: the one its launcher waited in. Which that is, the keeper tells. Safe for any thread.
/// </summary>
internal sealed class ControlGroups
{
    /// <summary>"off" makes do without control groups, as on a machine that has none; "membership" without their controllers.</summary>
    public const string Switch = "LIFELINE_CONTROL_GROUPS";

    private const string Setting = "control_groups";

    // Never made: the group of generations that never lived.
    private const string Nobody = "nobody";

    private readonly ControlGroupRoot? _root;
    private readonly GroupTable _table = new();
    private readonly LimitGroups? _limits;
    private bool _isSpare;

    private ControlGroups(ControlGroupRoot? root, LimitGroups? limits) => (_root, _limits) = (root, limits);

    /// <summary>A machine without control groups.</summary>
    public static ControlGroups None { get; } = new(null, null);

    /// <summary>Whether there are any.</summary>
    public bool Available => _root is not null;

    /// <summary>For people: which kind, and where.</summary>
    public string Description => _root is null ? "none" : $"cgroup v{(int)_root.Version} at {_root.Path}";

    /// <summary>
    /// The place recorded in the journal, if it is still there: services of an earlier monitor live in it, wherever this one was
    /// started from. Else one below our own group.
    /// </summary>
    public static ControlGroups Open(JournalStore journal, string runFolder)
    {
        if (IsSwitch("off"))
            return None;
        var root = Recorded(journal.Recovered) ?? ControlGroupRoot.Find(NameFor(runFolder));
        if (root is not null)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{(int)root.Version} {root.Path}");
            journal.Commit(new JournalBatch { Settings = [new(Setting, value)] });
        }

        var groups = new ControlGroups(root, root is null || IsSwitch("membership") ? null : new LimitGroups(root, journal));
        // Of another boot nothing is left, and its names may have been given again.
        foreach (var slot in journal.Recovered.Slots.Where(s => s.BootId == ProcFs.BootId))
            groups.Note(slot.Slot, slot.Generation, slot.ControlGroup);
        return groups;
    }

    /// <summary>
    /// Tells the keeper where its launchers make their groups. A keeper too old for that is told nothing, and each generation
    /// gets a group that is made for it and joined on the way to its exec.
    /// </summary>
    public void Announce(KeeperLink keeper, IReadOnlyList<ServiceConfiguration> services, Action<string> log)
    {
        _isSpare = keeper.State.KeeperVersion >= KeeperProtocol.SpareGroupsVersion;
        FindLimits(services, log);
        if (_isSpare)
            Tell(keeper);
    }

    /// <summary>The services of another configuration may have limits that those before had not. May wait for a process.</summary>
    public void Update(KeeperLink keeper, IReadOnlyList<ServiceConfiguration> services, Action<string> log)
    {
        if (FindLimits(services, log) && _isSpare)
            Tell(keeper);
    }

    /// <summary>The group that counts a generation's memory; null if none does.</summary>
    public MemoryGroup? MemoryOf(string service, int generation) => _table.PathOf(service, generation) is { } path ? _limits?.MemoryOf(path) : null;

    /// <summary>Whether the kernel can hold services to a number of processes.</summary>
    public bool HoldsProcesses => _isSpare && _limits is { HoldsProcesses: true };

    /// <summary>Whether the kernel holds a generation to a number of processes.</summary>
    public bool LimitsProcessesOf(string service, int generation) =>
        _table.PathOf(service, generation) is { } path && _limits is { } limits && limits.LimitsProcessesOf(path);

    /// <summary>The order with the group of its generation.</summary>
    /// <exception cref="LinuxException">The group could not be made.</exception>
    public LaunchJob Equip(LaunchJob job, LimitSettings limits)
    {
        if (_root is null || _isSpare)
            return job with { OwnGroup = _root is not null, GroupValues = _limits?.ValuesOf(limits) ?? [] };
        var group = _root.Create(OldName(job.Slot, job.Generation));
        _table.Add(job.Slot, job.Generation, group.Path);
        return job with { ControlGroupJoinFiles = [group.JoinFile] };
    }

    /// <summary>A generation lives, or lived, in this group; null is no news.</summary>
    public void Note(string service, int generation, string? path)
    {
        if (_root is not null && path is not null)
            _table.Add(service, generation, path);
    }

    /// <summary>A generation never came to life: there is nothing to look for.</summary>
    public void NoteUnborn(string service, int generation, string? path) =>
        Note(service, generation, path ?? (_root is null ? null : Path.Combine(_root.Path, Nobody)));

    /// <summary>What an older keeper or its monitor may have used for a generation.</summary>
    public string? OldPath(string service, int generation) =>
        _root is null || _isSpare ? null : Path.Combine(_root.Path, OldName(service, generation));

    /// <summary>The group of a generation; null without control groups and while it is not known.</summary>
    public ControlGroup? Of(string service, int generation) => _table.PathOf(service, generation) is { } path ? _root?.Of(path) : null;

    /// <summary>A generation is proven empty and its group removed.</summary>
    public void Forget(string service, int generation)
    {
        if (_table.PathOf(service, generation) is { } path)
            _limits?.Remove(path);
        _table.Remove(service, generation);
    }

    /// <summary>Completes with the next <see cref="Note"/>.</summary>
    public Task NextNote => _table.NextChange;

    /// <summary>The group a process is in, if it is one of ours.</summary>
    public string? GroupOf(int pid) => _root?.NameOf(pid) is { } name ? Path.Combine(_root.Path, name) : null;

    /// <summary>Which generation has this group; null if that is not known (yet).</summary>
    public (string Service, int Generation)? OwnerOf(string path) => _table.OwnerOf(path);

    /// <summary>All groups that are there.</summary>
    public IEnumerable<ControlGroup> All() => _root is null ? [] : _root.ListNames().Select(_root.Open);

    /// <summary>Gives up the place, if nothing lives in it.</summary>
    public void RemoveRoot()
    {
        _root?.Remove();
        _limits?.RemoveRoots();
    }

    private void Tell(KeeperLink keeper) =>
        keeper.UseGroups(_root is null ? 0 : (int)_root.Version, _root?.Path ?? "", _limits?.Further);

    // Only what somebody needs: each hierarchy more costs every launcher a join.
    private bool FindLimits(IReadOnlyList<ServiceConfiguration> services, Action<string> log)
    {
        var crowded = services.FirstOrDefault(s => s.Limits.Processes is not null);
        var changed = _limits is not null && _limits.Need(services.Any(s => s.Limits.Memory is not null), crowded is not null);
        if (crowded is not null && !HoldsProcesses)
            log($"lifeline: the processes of {crowded.Name} are counted twice a second and not held to limits.processes: no pids controller may be used (\"lifeline doctor\" tells more)");
        return changed;
    }

    private static bool IsSwitch(string value) =>
        string.Equals(Environment.GetEnvironmentVariable(Switch), value, StringComparison.OrdinalIgnoreCase);

    private static string OldName(string service, int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}.{generation}");

    private static string NameFor(string runFolder) =>
        "lifeline-" + Convert.ToHexStringLower(XxHash128.Hash(Encoding.UTF8.GetBytes(runFolder)), 0, 6);

    private static ControlGroupRoot? Recorded(JournalState state)
    {
        if (!state.Settings.TryGetValue(Setting, out var value) || value.Split(' ', 2) is not [var version, var path])
            return null;
        var root = ControlGroupRoot.Reopen(version == "1" ? ControlGroupVersion.V1 : ControlGroupVersion.V2, path);
        return FileStatus.TryOf(path) is { Kind: FileKind.Folder } ? root : null;
    }
}
