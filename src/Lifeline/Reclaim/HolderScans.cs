namespace Lifeline.Reclaim;

/// <summary>
/// Shares looks at all processes between reclaims that run at the same time: who comes while a scan runs waits for the next one,
/// which looks for all that have gathered. When a hundred services die at once that is two scans, not a hundred.
/// </summary>
internal sealed class HolderScans
{
    private readonly Lock _gate = new();
    private readonly Lock _scanning = new();
    private Batch _gathering = new();

    /// <summary>The reason to keep it, for each that is held. Blocks for at most two scans. The scan begins after the call.</summary>
    public IReadOnlyDictionary<PathCandidate, string> Run(IReadOnlyList<PathCandidate> candidates)
    {
        Batch mine;
        lock (_gate)
        {
            mine = _gathering;
            mine.Candidates.AddRange(candidates);
        }

        lock (_scanning)
        {
            if (mine.Found is { } found)
                return found;
            lock (_gate)
                _gathering = new Batch();
            return mine.Found = HolderScan.Run(mine.Candidates);
        }
    }

    private sealed class Batch
    {
        public List<PathCandidate> Candidates { get; } = [];

        public IReadOnlyDictionary<PathCandidate, string>? Found { get; set; }
    }
}
