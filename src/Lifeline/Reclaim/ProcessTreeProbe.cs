using Lifeline.Linux;

namespace Lifeline.Reclaim;

/// <summary>Says for <c>doctor</c> which method this machine allows and what it can miss.</summary>
internal sealed record ProcessTreeProbe(ProcessTreeMethod Method, string Description, string? CanMiss)
{
    /// <param name="root">What <see cref="ControlGroupRoot.Find(string)"/> gave.</param>
    public static ProcessTreeProbe Of(ControlGroupRoot? root) => root is null
        ? new ProcessTreeProbe(
            ProcessTreeMethod.Scan,
            "no control group can be made here: a dead service's processes are found by session, descent and environment",
            "a process that left its session, lost its parents and cleared its environment is seen as an orphan of an unknown service and kept, "
            + "and the reclaim says so; run as root or with a delegated cgroup to find it")
        : new ProcessTreeProbe(
            ProcessTreeMethod.ControlGroup,
            $"each generation has a control group of its own below {root.Path} (version {(int)root.Version})",
            null);
}
