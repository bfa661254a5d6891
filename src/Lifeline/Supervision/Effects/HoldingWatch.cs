using Lifeline.Configuration;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// Looks now and then at what living generations hold (<see cref="HoldingScan"/>), so that it is known when they die: soon after they are ready or
/// adopted, then ever more seldom. On one thread of its own, one generation after the other. Safe for any thread.
/// </summary>
internal sealed class HoldingWatch : IDisposable
{
    /// <summary>The wait before each look, the first counted from the readiness; the last one goes on.</summary>
    private static readonly TimeSpan[] Looks =
        [TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];

    // From this look on they are spread: a thousand services that started together must not be looked at together for ever.
    private const int FirstSpread = 2;

    // A thousand services that become ready at once must not take a processor for themselves.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Func<string, ServiceConfiguration?> _find;
    private readonly ControlGroups _groups;
    private readonly TimeProvider _time;
    private readonly BlockingThreads _thread = new(1, "holdings");
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Look, long> _due = new();
    private readonly ITimer _timer;
    private bool _looking;
    private bool _disposed;

    public HoldingWatch(Func<string, ServiceConfiguration?> find, ControlGroups groups, TimeProvider time)
    {
        _find = find;
        _groups = groups;
        _time = time;
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Told of what was found. Set before the first <see cref="Begin"/>.</summary>
    public Action<ThingsFound> Found { get; set; } = _ => { };

    /// <summary>The state of a slot; asked on the thread of the watch.</summary>
    public Func<string, Task<SlotView?>> View { get; set; } = _ => Task.FromResult<SlotView?>(null);

    /// <summary>A generation is ready, or was found alive.</summary>
    public void Begin(string service, int generation)
    {
        if (_find(service) is { Reclaim.Found: true })
            Plan(new Look(service, generation, 0));
    }

    public void Dispose()
    {
        lock (_gate)
            _disposed = true;
        _timer.Dispose();
        _thread.Dispose();
    }

    private void Plan(Look look)
    {
        var wait = Looks[Math.Min(look.Number, Looks.Length - 1)];
        if (look.Number >= FirstSpread)
            wait *= 0.8 + (0.4 * Random.Shared.NextDouble());
        lock (_gate)
        {
            if (_disposed)
                return;
            _due.Enqueue(look, _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency));
            if (!_looking)
                Arm(TimeSpan.Zero);
        }
    }

    // Under the lock.
    private void Arm(TimeSpan atLeast)
    {
        if (_disposed || !_due.TryPeek(out _, out var due))
            return;
        var left = TimeSpan.FromSeconds((double)Math.Max(0, due - _time.GetTimestamp()) / _time.TimestampFrequency);
        _timer.Change(left < atLeast ? atLeast : left, Timeout.InfiniteTimeSpan);
    }

    private void Wake()
    {
        Look look;
        lock (_gate)
        {
            if (_disposed || _looking || !_due.TryPeek(out _, out var due))
                return;
            if (due > _time.GetTimestamp())
            {
                Arm(TimeSpan.FromMilliseconds(1));
                return;
            }

            look = _due.Dequeue();
            _looking = true;
        }

        _ = LookAsync(look);
    }

    private async Task LookAsync(Look look)
    {
        try
        {
            var view = await View(look.Service).ConfigureAwait(false);
            if (view is { Pid: { } pid } && view.Generation == look.Generation && view.IsAlive && _find(look.Service) is { } service)
            {
                var found = await _thread.Run(() => Find(service, view, pid)).ConfigureAwait(false);
                if (found.Count > 0)
                    Found(new ThingsFound(look.Service, look.Generation, found));
                Plan(look with { Number = look.Number + 1 });
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // A look that fails finds nothing; the next one tries again.
            Plan(look with { Number = look.Number + 1 });
        }
        finally
        {
            lock (_gate)
            {
                _looking = false;
                Arm(Pause);
            }
        }
    }

    private IReadOnlyList<FoundRecord> Find(ServiceConfiguration service, SlotView view, int pid)
    {
        if (ProcessStart.TimeOf(view.StartTicks) is not { } started)
            return [];
        var members = _groups.Of(view.Service, view.Generation)?.ListProcesses() ?? [];
        return HoldingScan.Look(members.Count > 0 ? members : [pid, .. ProcFs.TryReadChildren(pid) ?? []], started, ReclaimPlanner.OwnerOf(service));
    }

    /// <param name="Service">The service.</param>
    /// <param name="Generation">Its generation.</param>
    /// <param name="Number">Which look it is.</param>
    private sealed record Look(string Service, int Generation, int Number);
}
