using System.Collections.Concurrent;
using Lifeline.Contracts;
using Lifeline.Supervision;

namespace Lifeline.Http;

/// <summary>
/// Memory and processor time of the services, sampled only while somebody looks: one round for all who look. Safe for any thread.
/// </summary>
internal sealed class UsageTable(Supervisor supervisor, ControlGroups groups, TimeProvider time)
{
    /// <summary>A reading that is not older than this is as good as a new one.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, UsageHistory> _histories = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _one = new(1);
    private long _readAt;
    private bool _read;

    /// <summary>Puts the last reading into a snapshot of the same process.</summary>
    public ServiceSnapshot Fill(ServiceSnapshot snapshot)
    {
        if (snapshot.Pid is not { } pid || !_histories.TryGetValue(snapshot.Name, out var history) || history.Last is not { } last || last.Pid != pid)
            return snapshot;
        return snapshot with { MemoryBytes = last.MemoryBytes, CpuSeconds = last.CpuSeconds, Processes = last.Processes };
    }

    /// <summary>The samples of a service, oldest first.</summary>
    public IReadOnlyList<UsageSample> Of(string service) => _histories.TryGetValue(service, out var history) ? history.All() : [];

    public IEnumerable<(string Service, UsageSample Last)> Latest()
    {
        foreach (var (service, history) in _histories)
            if (history.Last is { } last)
                yield return (service, last);
    }

    /// <summary>Reads all services, unless somebody just did.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_read && time.GetElapsedTime(_readAt) < Fresh)
                return;
            var snapshots = await supervisor.SnapshotsAsync([]).ConfigureAwait(false);
            var at = time.GetUtcNow();
            var known = new HashSet<string>(StringComparer.Ordinal);
            foreach (var snapshot in snapshots)
            {
                known.Add(snapshot.Name);
                Note(ResourceUsage.Fill(snapshot, groups), at);
            }

            foreach (var gone in _histories.Keys.Where(name => !known.Contains(name)))
                _histories.TryRemove(gone, out _);
            (_readAt, _read) = (time.GetTimestamp(), true);
        }
        finally
        {
            _one.Release();
        }
    }

    private void Note(ServiceSnapshot filled, DateTimeOffset at)
    {
        var history = _histories.GetOrAdd(filled.Name, static _ => new UsageHistory());
        if (filled is { Pid: { } pid, MemoryBytes: { } memory, CpuSeconds: { } cpu })
            history.Add(new UsageSample(at, pid, memory, cpu, filled.Processes ?? 1));
        else
            history.Stop();
    }
}

/// <summary>What a service used at one moment.</summary>
internal sealed record UsageSample(DateTimeOffset At, int Pid, long MemoryBytes, double CpuSeconds, int Processes);

/// <summary>The newest samples of one service. Safe for any thread.</summary>
internal sealed class UsageHistory
{
    private readonly Lock _gate = new();
    private readonly Queue<UsageSample> _samples = new();

    /// <summary>The newest; null while it does not run.</summary>
    public UsageSample? Last { get; private set; }

    public void Add(UsageSample sample)
    {
        lock (_gate)
        {
            if (_samples.Count == HttpLimits.MaxSamples)
                _samples.Dequeue();
            _samples.Enqueue(sample);
            Last = sample;
        }
    }

    public void Stop() => Last = null;

    public IReadOnlyList<UsageSample> All()
    {
        lock (_gate)
            return [.. _samples];
    }
}
