using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Probing;

/// <summary>
/// Asks services from outside when it is time: one heap of times and one timer for all of them, and at most
/// <see cref="ProbeLimits.MaxUnderWay"/> probes at once. Safe for any thread.
/// </summary>
internal sealed class Prober : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Service, ProbeUse Use), ProbeRun> _runs = [];
    private readonly PriorityQueue<ProbeRun, long> _agenda = new();
    private readonly Queue<ProbeRun> _waiting = new();
    private readonly Func<StartProbing, (ProbeSettings Settings, IProbe Probe)?> _find;
    private readonly Action<ProbeResult> _tell;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ITimer _timer;
    private int _underWay;

    /// <param name="find">The settings in force and how to ask; null: it is not probed.</param>
    /// <param name="tell">Is told each outcome. Must not wait.</param>
    /// <param name="time">Clock and timers.</param>
    /// <param name="random">Spreads first probes.</param>
    public Prober(
        Func<StartProbing, (ProbeSettings Settings, IProbe Probe)?> find, Action<ProbeResult> tell, TimeProvider time, Random? random = null)
    {
        _find = find;
        _tell = tell;
        _time = time;
        _random = random ?? Random.Shared;
        _timer = time.CreateTimer(_ => AskDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Begins, or begins anew.</summary>
    public void Start(StartProbing order)
    {
        var run = _find(order) is { } found ? new ProbeRun(order, found.Settings, found.Probe) : null;
        ProbeRun? earlier;
        lock (_gate)
        {
            _runs.Remove((order.Service, order.Use), out earlier);
            if (run is not null)
            {
                _runs[(order.Service, order.Use)] = run;
                Schedule(run, _time.GetTimestamp(), FirstDelay(run));
            }
        }

        earlier?.Dispose();
    }

    public void Stop(StopProbing order)
    {
        var ended = new List<ProbeRun>();
        lock (_gate)
        {
            foreach (var use in order.Use is { } one ? [one] : Enum.GetValues<ProbeUse>())
                if (_runs.Remove((order.Service, use), out var run))
                    ended.Add(run);
        }

        foreach (var run in ended)
            run.Dispose();
    }

    public void Dispose()
    {
        _timer.Dispose();
        ProbeRun[] all;
        lock (_gate)
        {
            all = [.. _runs.Values];
            _runs.Clear();
        }

        foreach (var run in all)
            run.Dispose();
    }

    // Many services that start together must not be asked together for ever.
    private TimeSpan FirstDelay(ProbeRun run) =>
        run.Order.IsStarting ? ProbeLimits.FirstPause : run.Settings.Interval * _random.NextDouble();

    private bool IsCurrent(ProbeRun run) => _runs.GetValueOrDefault((run.Order.Service, run.Order.Use)) == run;

    private void Schedule(ProbeRun run, long since, TimeSpan delay)
    {
        _agenda.Enqueue(run, since + (long)(delay.TotalSeconds * _time.TimestampFrequency));
        Arm();
    }

    private void Arm()
    {
        if (!_agenda.TryPeek(out _, out var due))
            return;
        var left = (due - _time.GetTimestamp()) / (double)_time.TimestampFrequency;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, left) * 1000)), Timeout.InfiniteTimeSpan);
    }

    private void AskDue()
    {
        var due = new List<ProbeRun>();
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            while (_agenda.TryPeek(out _, out var at) && at <= now)
                if (_agenda.Dequeue() is var run && IsCurrent(run))
                    _waiting.Enqueue(run);
            Admit(due);
            Arm();
        }

        foreach (var run in due)
            _ = AskAsync(run);
    }

    private void Admit(List<ProbeRun> admitted)
    {
        while (_underWay < ProbeLimits.MaxUnderWay && _waiting.TryDequeue(out var run))
        {
            if (!IsCurrent(run))
                continue;
            _underWay++;
            admitted.Add(run);
        }
    }

    private async Task AskAsync(ProbeRun run)
    {
        var began = _time.GetTimestamp();
        var outcome = await FindOutAsync(run, began).ConfigureAwait(false);
        var next = new List<ProbeRun>();
        var isCurrent = false;
        lock (_gate)
        {
            _underWay--;
            if (IsCurrent(run))
            {
                isCurrent = true;
                ScheduleNext(run, began);
            }

            Admit(next);
        }

        if (isCurrent && outcome is not null)
            _tell(new ProbeResult(run.Order.Service, run.Order.Generation, run.Order.Use, outcome.IsGood, outcome.Text));
        foreach (var waiting in next)
            _ = AskAsync(waiting);
    }

    private void ScheduleNext(ProbeRun run, long began)
    {
        if (!run.Order.IsStarting)
        {
            Schedule(run, began, run.Settings.Interval);
            return;
        }

        Schedule(run, _time.GetTimestamp(), run.Pause);
        var longest = run.Settings.Interval < ProbeLimits.LongestStartingPause ? run.Settings.Interval : ProbeLimits.LongestStartingPause;
        run.Pause = run.Pause * 2 < longest ? run.Pause * 2 : longest;
    }

    /// <summary>Null: nothing can be said.</summary>
    private async Task<ProbeOutcome?> FindOutAsync(ProbeRun run, long began)
    {
        var timeout = run.Settings.Timeout;
        ProbeOutcome outcome;
        try
        {
            using var late = new CancellationTokenSource(timeout, _time);
            outcome = await run.Probe.AskAsync(late.Token, run.Stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            outcome = ProbeOutcome.Bad($"no answer within {Durations.Format(timeout)}");
        }
        catch (Exception e)
        {
            // Of the probe's own making, a want of threads for example: it must not end the probing.
            outcome = ProbeOutcome.Bad(e.Message);
        }

        // A monitor that was stopped or starved finds answer and timeout at once when it goes on.
        var isLate = _time.GetElapsedTime(began) > timeout * ProbeLimits.LateFactor;
        return isLate && !outcome.IsGood ? null : outcome;
    }
}
