using Lifeline.Contracts;

namespace Lifeline.Reclaim;

/// <summary>Gathers the steps of one reclaim.</summary>
internal sealed class ReclaimReport
{
    /// <summary>Most steps one reclaim reports; what is beyond is counted in the last one.</summary>
    public const int MaxSteps = 1024;

    private readonly List<ReclaimStep> _steps = [];
    private int _beyond;

    /// <summary>The main process and everything that was killed: what their numbers own in System V IPC is theirs.</summary>
    public HashSet<int> DeadProcesses { get; } = [];

    public void Add(ReclaimKind kind, string what, ReclaimOutcome outcome, string? reason = null)
    {
        if (_steps.Count >= MaxSteps - 1)
            _beyond++;
        else
            _steps.Add(new ReclaimStep(kind, what, outcome, reason));
    }

    public IReadOnlyList<ReclaimStep> ToSteps()
    {
        if (_beyond > 0)
            _steps.Add(new ReclaimStep(ReclaimKind.Claim, $"{_beyond} more steps", ReclaimOutcome.Kept, $"a reclaim reports at most {MaxSteps} steps"));
        return _steps;
    }
}
