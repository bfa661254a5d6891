using Lifeline.Contracts;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// The decision loop: one thread owns the core. Everything that happens is posted to its mailbox; what the core decides goes to the
/// <see cref="EffectRunner"/>.
/// </summary>
internal sealed class Supervisor
{
    private readonly MonitorCore _core;
    private readonly EffectRunner _effects;
    private readonly KeeperLink _keeper;
    private readonly WallClock _clock;
    private readonly Mailbox _mailbox = new();
    private readonly List<Effect> _decided = [];
    private readonly Queue<MonitorEvent> _inline = new();
    private long _nextAlive;
    private bool _ended;

    // Left true by an exception: a decision was broken off in the middle, and nothing may be decided after it.
    private bool _broken;

    public Supervisor(MonitorCore core, EffectRunner effects, KeeperLink keeper, WallClock clock)
    {
        _core = core;
        _effects = effects;
        _keeper = keeper;
        _clock = clock;
    }

    /// <summary>Where the states are published; null for nowhere. Set before <see cref="Run"/>.</summary>
    public BoardPublisher? Board { get; init; }

    /// <summary>Gives memory back when there is nothing to do; null keeps all.</summary>
    public MemoryTrim? Trim { get; init; }

    /// <summary>Who else is told of what happened and what was decided; on the loop, and must not wait for anything. Null: nobody.</summary>
    public Action<MonitorEvent, IReadOnlyList<Effect>>? Watcher { get; set; }

    /// <summary>The core, for those who run on the loop.</summary>
    public MonitorCore Core => _core;

    /// <summary>Tells the core of something. Safe for any thread.</summary>
    public void Post(MonitorEvent monitorEvent) => _mailbox.Post(() => Handle(monitorEvent));

    /// <summary>Runs something on the loop. Safe for any thread. It must not wait for anything.</summary>
    public void Post(Action action) => _mailbox.Post(action);

    /// <summary>Asks something on the loop. Safe for any thread but the loop's own.</summary>
    public Task<T> AskAsync<T>(Func<MonitorCore, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _mailbox.Post(() =>
        {
            try
            {
                answer.SetResult(question(_core));
            }
            catch (Exception e) when (!_broken)
            {
                // Whoever asked is told; a question changes nothing that could be half done now.
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    /// <summary>Tells the core of something at once. On the loop only.</summary>
    public void Handle(MonitorEvent monitorEvent)
    {
        _inline.Enqueue(monitorEvent);
        if (_inline.Count > 1)
            return;
        _broken = true;
        while (_inline.TryPeek(out var next))
        {
            _decided.Clear();
            _core.Handle(next, MonotonicClock.Nanoseconds, _decided);
            Board?.Note(next, _decided);
            Watcher?.Invoke(next, _decided);
            _effects.Run(_decided);
            _inline.Dequeue();
        }

        _effects.Commit();
        NoteWork();
        _broken = false;
    }

    /// <summary>Something was done that needed memory. On the loop only.</summary>
    public void NoteWork() => Trim?.NoteWork(MonotonicClock.Nanoseconds);

    /// <summary>Runs until <see cref="End"/>. An exception from the core or an effect is a bug: it ends the process, and the keeper starts another.</summary>
    public void Run()
    {
        while (!_ended)
        {
            SignOfLife();
            Board?.Publish(_core);
            var items = _mailbox.Take(UntilNext());
            if (items.Count == 0)
            {
                // Only when everything that had arrived was handled may a deadline count as missed.
                if (_core.NextDeadline is { } deadline && MonotonicClock.Nanoseconds is var now && deadline <= now)
                {
                    LoopMeter.NoteLateness(now - deadline);
                    Handle(Tick.Instance);
                }

                Trim?.Look(MonotonicClock.Nanoseconds, _core.NextDeadline);
                continue;
            }

            var began = LoopMeter.IsOn ? MonotonicClock.Nanoseconds : 0;
            while (!_ended && items.TryDequeue(out var item))
                item();
            if (began != 0)
                LoopMeter.NoteRound(MonotonicClock.Nanoseconds - began);
        }

        Board?.Finish(_core);
    }

    /// <summary>Ends <see cref="Run"/>. On the loop only.</summary>
    public void End() => _ended = true;

    /// <summary>What people see of some services, or of all.</summary>
    public Task<IReadOnlyList<ServiceSnapshot>> SnapshotsAsync(IReadOnlyList<string> names) => AskAsync<IReadOnlyList<ServiceSnapshot>>(core =>
        [.. (names.Count == 0 ? core.Services : names).Select(core.Snapshot).OfType<ServiceSnapshot>()]);

    private void SignOfLife()
    {
        var now = MonotonicClock.Nanoseconds;
        if (now < _nextAlive)
            return;
        _nextAlive = now + (long)SupervisionLimits.AliveSpacing.TotalNanoseconds;
        _keeper.ReportAlive();
        if (_clock.CheckForChange() is { } zero)
            Handle(new ClockSet(zero));
    }

    private TimeSpan UntilNext()
    {
        var next = Math.Min(Math.Min(_core.NextDeadline ?? long.MaxValue, _nextAlive), Trim?.DueAt ?? long.MaxValue);
        var nanoseconds = Math.Max(next - MonotonicClock.Nanoseconds, 0);
        if (Board?.UntilDue is { } due)
            nanoseconds = Math.Min(nanoseconds, (long)due.TotalNanoseconds);
        return TimeSpan.FromMilliseconds((nanoseconds + 999_999) / 1_000_000);
    }
}
