using Lifeline.Configuration;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// Looks now and then at what living generations hold (<see cref="HoldingScan"/>), so that it is known when they die: soon after they are ready or
/// adopted, then ever more seldom. On one thread of its own, some generations at a time: waking that thread costs more than a look. Safe for any
/// thread.
/// </summary>
internal sealed class HoldingWatch : IDisposable
{
    /// <summary>The wait before each look, the first counted from the readiness; the last one goes on.</summary>
    private static readonly TimeSpan[] Looks =
        [TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(10), TimeSpan.FromHours(1)];

    // From this look on they are spread: a thousand services that started together must not be looked at together for ever.
    private const int FirstSpread = 2;

    // A thousand services that become ready at once must not take a processor for themselves.
    private const int MaxAtOnce = 32;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Func<string, ServiceConfiguration?> _find;
    private readonly ControlGroups _groups;
    private readonly TimeProvider _time;
    private readonly BlockingThreads _thread = new(1, "holdings");
    private readonly ProcessInspector _inspector = new(); // that thread's
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

    /// <summary>The states of slots, in their order.</summary>
    public Func<IReadOnlyList<string>, Task<IReadOnlyList<SlotView?>>> View { get; set; } = names => Task.FromResult<IReadOnlyList<SlotView?>>(new SlotView?[names.Count]);

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
        var looks = new List<Look>();
        lock (_gate)
        {
            if (_disposed || _looking)
                return;
            var now = _time.GetTimestamp();
            while (looks.Count < MaxAtOnce && _due.TryPeek(out _, out var due) && due <= now)
                looks.Add(_due.Dequeue());
            if (looks.Count == 0)
            {
                Arm(TimeSpan.FromMilliseconds(1));
                return;
            }

            _looking = true;
        }

        _ = LookAsync(looks);
    }

    private async Task LookAsync(List<Look> looks)
    {
        try
        {
            var views = await View([.. looks.Select(look => look.Service)]).ConfigureAwait(false);
            List<(Look Look, SlotView View)> living =
                [.. looks.Zip(views).Where(one => one.Second is { IsAlive: true } view && view.Generation == one.First.Generation).Select(one => (one.First, one.Second!))];
            foreach (var look in await _thread.Run(() => Find(living)).ConfigureAwait(false))
                Plan(look with { Number = look.Number + 1 });
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // A look that fails finds nothing; the next one tries again.
            foreach (var look in looks)
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

    /// <returns>The looks that are to be repeated.</returns>
    private List<Look> Find(List<(Look Look, SlotView View)> living)
    {
        var looks = new List<Look>();
        var orders = new List<HoldingOrder>();
        foreach (var (look, view) in living)
        {
            if (view.Pid is not { } pid || _find(look.Service) is not { } service || ProcessStart.TimeOf(view.StartTicks) is not { } started)
                continue;
            var members = _groups.Of(view.Service, view.Generation)?.ListProcesses() ?? [];
            looks.Add(look);
            orders.Add(new HoldingOrder(members.Count > 0 ? members : [pid, .. ProcFs.TryReadChildren(pid) ?? []], started, ReclaimPlanner.OwnerOf(service)) { Ran = look.Ran });
        }

        foreach (var (index, findings) in HoldingScan.LookAtAll(orders, _inspector).Index())
        {
            var look = looks[index];
            looks[index] = look with { Ran = findings.Ran };
            if (findings.Found.Count > 0)
                Found(new ThingsFound(look.Service, look.Generation, findings.Found));
        }

        _inspector.Dispose();
        return looks;
    }

    /// <param name="Service">The service.</param>
    /// <param name="Generation">Its generation.</param>
    /// <param name="Number">Which look it is.</param>
    private sealed record Look(string Service, int Generation, int Number)
    {
        /// <summary>What the last look said of its time on a processor.</summary>
        public long? Ran { get; init; }
    }
}
