using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>What tells that a process belongs to one generation of a service (or to one command).</summary>
internal sealed record ProcessTree
{
    /// <summary>The generation's own control group; null where there is none. With it nothing else is looked at.</summary>
    public ControlGroup? Group { get; init; }

    /// <summary>Its main process, which led a session of its own; null if it was never launched.</summary>
    public int? MainPid { get; init; }

    /// <summary>When the main process started, in clock ticks since boot: nothing older belongs to the tree.</summary>
    public long MainStartTicks { get; init; }

    /// <summary>Environment variables that only this tree carries; a process counts if it has all of them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Marker { get; init; } = [];

    /// <summary>The keeper, to which orphans of a dead tree fall; null if it is not known.</summary>
    public int? KeeperPid { get; init; }

    /// <summary>Never killed, whatever they look like: keeper, monitor, launchers, other services' main processes.</summary>
    public IReadOnlySet<int> Spared { get; init; } = new HashSet<int>();

    /// <summary>The marker of a service's generation, as the launcher sets it.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> MarkerOf(string service, int generation, string socketPath) =>
    [
        new("LIFELINE_SERVICE", service),
        new("LIFELINE_GENERATION", generation.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        new("LIFELINE_SOCKET", socketPath),
    ];
}
