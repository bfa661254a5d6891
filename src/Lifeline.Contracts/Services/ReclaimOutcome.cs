namespace Lifeline.Contracts;

/// <summary>What became of something a dead service left behind.</summary>
public enum ReclaimOutcome
{
    /// <summary>A process was killed.</summary>
    Killed,

    /// <summary>It was removed.</summary>
    Removed,

    /// <summary>It was already gone.</summary>
    Absent,

    /// <summary>It was left, because it could not be proven to be the service's own.</summary>
    Kept,

    /// <summary>Removing it was tried and did not work.</summary>
    Failed,
}
