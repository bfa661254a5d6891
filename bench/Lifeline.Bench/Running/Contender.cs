namespace Lifeline.Bench.Running;

/// <summary>A program that can play the roles of a workload.</summary>
/// <param name="Id">A short name without spaces.</param>
/// <param name="Name">Its name in the tables.</param>
/// <param name="Program">The executable.</param>
/// <param name="Prefix">Arguments before the role.</param>
/// <param name="Managed">Whether a just-in-time compiler has to warm up.</param>
internal sealed record Contender(string Id, string Name, string Program, string[] Prefix, bool Managed)
{
    /// <summary>Why it cannot run here; null if it can.</summary>
    internal string? Missing { get; init; }

    /// <summary>Whether it can do one workload only, which asks for it by its id.</summary>
    internal bool IsSpecial { get; init; }

    /// <summary>Whether it meets its other half at a file of shared memory instead of a socket.</summary>
    internal bool UsesSharedFile { get; init; }

    /// <summary>How long it runs before it is measured.</summary>
    internal int WarmUpMilliseconds => IsOurs && Managed ? 700 : Managed ? 500 : 150;

    /// <summary>How long it is measured where a promise is measured for <paramref name="milliseconds"/>: other libraries need less, they are far away from any bound.</summary>
    internal int Window(int milliseconds) => IsOurs || !Managed ? milliseconds : milliseconds * 3 / 5;

    internal bool IsOurs => Id.StartsWith("lifeline", StringComparison.Ordinal);
}
