using System.Globalization;
using Lifeline.Limits;
using Lifeline.Linux;

namespace Lifeline.Cli.Diagnosis;

/// <summary>How services are held to their limits of memory and processes: tried, like all else.</summary>
internal static class LimitChecks
{
    private const string MemoryInstead = "memory is measured twice a second: a service that grows faster than that is beyond its limit for a moment";
    private const string ProcessesInstead = "processes are counted twice a second: a service that has more than it may is killed, and not held";

    public static IEnumerable<Finding> All(Func<string, string?> variable)
    {
        var (memory, processes) = Try(variable);
        yield return Of("limits.memory", memory, "the memory controller", MemoryInstead);
        yield return Of("limits.processes", processes, "the pids controller", ProcessesInstead);
    }

    private static Finding Of(string what, string? place, string controller, string instead) => place is null
        ? new Finding(FindingLevel.Less, what, $"{controller} of control groups may not be used here", instead)
        : new Finding(FindingLevel.Good, what, $"the kernel holds services to it: {controller} at {place}");

    private static (string? Memory, string? Processes) Try(Func<string, string?> variable)
    {
        var isSwitchedOff = variable(Supervision.ControlGroups.Switch) is { } value
            && (value.Equals("off", StringComparison.OrdinalIgnoreCase) || value.Equals("membership", StringComparison.OrdinalIgnoreCase));
        if (isSwitchedOff || ControlGroupRoot.Find(string.Create(CultureInfo.InvariantCulture, $"lifeline-doctor-{CurrentProcess.Id}")) is not { } root)
            return (null, null);
        var groups = new LimitGroups(root, null);
        try
        {
            groups.Need(memory: true, processes: true);
            return (groups.MemoryFolder, groups.ProcessesFolder);
        }
        finally
        {
            root.Remove();
            groups.RemoveRoots();
        }
    }
}
