using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lifeline.Journal;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The control group of each generation. Safe for any thread.</summary>
internal sealed class ControlGroups
{
    /// <summary>"off" makes do without control groups, as on a machine that has none.</summary>
    public const string Switch = "LIFELINE_CONTROL_GROUPS";

    private const string Setting = "control_groups";

    private readonly ControlGroupRoot? _root;

    private ControlGroups(ControlGroupRoot? root) => _root = root;

    /// <summary>A machine without control groups.</summary>
    public static ControlGroups None { get; } = new(null);

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
        if (string.Equals(Environment.GetEnvironmentVariable(Switch), "off", StringComparison.OrdinalIgnoreCase))
            return None;
        var root = Recorded(journal.Recovered) ?? ControlGroupRoot.Find(NameFor(runFolder));
        if (root is not null)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{(int)root.Version} {root.Path}");
            journal.Commit(new JournalBatch { Settings = [new(Setting, value)] });
        }

        return new ControlGroups(root);
    }

    /// <summary>The group of a generation, made if it is missing; null without control groups.</summary>
    public ControlGroup? Create(string service, int generation) => _root?.Create(NameOf(service, generation));

    /// <summary>The group of a generation, which may be gone; null without control groups.</summary>
    public ControlGroup? Of(string service, int generation) => _root?.Open(NameOf(service, generation));

    /// <summary>Which generation a process belongs to by its group; null if by none of ours.</summary>
    public (string Service, int Generation)? OwnerOf(int pid)
    {
        if (_root?.NameOf(pid) is not { } name)
            return null;
        var dot = name.LastIndexOf('.');
        return dot > 0 && int.TryParse(name.AsSpan(dot + 1), CultureInfo.InvariantCulture, out var generation)
            ? (name[..dot], generation)
            : null;
    }

    /// <summary>Gives up the place, if nothing lives in it.</summary>
    public void RemoveRoot() => _root?.Remove();

    private static string NameOf(string service, int generation) =>
        string.Create(CultureInfo.InvariantCulture, $"{service}.{generation}");

    private static string NameFor(string runFolder) =>
        "lifeline-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(runFolder)), 0, 6);

    private static ControlGroupRoot? Recorded(JournalState state)
    {
        if (!state.Settings.TryGetValue(Setting, out var value) || value.Split(' ', 2) is not [var version, var path])
            return null;
        var root = ControlGroupRoot.Reopen(version == "1" ? ControlGroupVersion.V1 : ControlGroupVersion.V2, path);
        return FileStatus.TryOf(path) is { Kind: FileKind.Folder } ? root : null;
    }
}
