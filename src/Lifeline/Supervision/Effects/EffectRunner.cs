using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Journal;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// Does what the core decided. Runs on the decision loop, except for what must wait for the disk, which runs on the
/// journal's thread. Never waits itself.
/// </summary>
internal sealed class EffectRunner(
    KeeperLink keeper,
    JournalStore journal,
    ControlGroups groups,
    LaunchPlanner launches,
    ReclaimPlanner reclaims,
    ReclaimRunner reclaimer,
    Reporters reporters,
    SessionRemains sessions,
    LogCollector logs,
    HoldingWatch holdings,
    OrderDesk orders,
    AlertRouter alerts,
    ServiceDirectory services,
    KeptThings kept)
{
    private readonly List<JournalEvent> _events = [];
    private readonly Dictionary<string, SlotRecord> _slots = new(StringComparer.Ordinal); // the newest of each, encoded only once
    private readonly List<string> _removed = [];
    private readonly List<Effect> _later = [];
    private readonly List<OutboxEntry> _outbox = [];
    private AlertDeskRecord? _alertDesk;
    // Deaths that are not on disk yet: the keeper goes on telling of them. Used by the journal's thread only.
    private readonly Queue<AcknowledgeExit> _unacknowledged = new();
    private Supervisor _supervisor = null!;

    /// <summary>Called with the outcome of a shutdown.</summary>
    public Action<ShutdownComplete> ShutDown { get; set; } = _ => { };

    /// <summary>Who watches services from outside: probes, and the looks at silent ones.</summary>
    public Action<Effect> Watch { get; set; } = _ => { };

    /// <summary>The last line of a slot's generation that began then.</summary>
    public Func<string, int, DateTimeOffset, Task<string?>> LastLine { get; set; } = (_, _, _) => Task.FromResult<string?>(null);

    /// <summary>Who is told of outcomes. Set once, before the first effect.</summary>
    public void Attach(Supervisor supervisor) => _supervisor = supervisor;

    /// <summary>Carries out what need not wait for the disk, and gathers the rest for <see cref="Commit"/>.</summary>
    public void Run(List<Effect> effects)
    {
        foreach (var effect in effects)
            Gather(effect);
        foreach (var effect in effects)
            if (!effect.NeedsCommit)
                RunNow(effect);
    }

    /// <summary>
    /// Hands over what was gathered, as one transaction; what waits for it follows. A death, its reclaim and the start after it are mostly
    /// one: the service waits for one commit only.
    /// </summary>
    public void Commit()
    {
        if (_events.Count + _slots.Count + _removed.Count + _later.Count == 0 && _alertDesk is null)
            return;
        var batch = new JournalBatch
        {
            Events = [.. _events],
            Slots = [.. _slots.Values.Select(record => SlotRecords.ToSaved(record, groups))],
            RemovedSlots = [.. _removed],
            Outbox = [.. _outbox],
            Settings = _alertDesk is null ? [] : [new(AlertRouter.DeskSetting, AlertDeskRecordCodec.Encode(_alertDesk))],
        };
        _events.Clear();
        _slots.Clear();
        _removed.Clear();
        _outbox.Clear();
        _alertDesk = null;
        if (_later.Count == 0)
        {
            journal.Commit(batch);
            return;
        }

        List<Effect> later = [.. _later];
        _later.Clear();
        journal.Commit(batch, onDisk =>
        {
            RunCommitted(later, onDisk);

            // Also when the disk did not take them: a full disk is when people most need to hear of it.
            foreach (var entry in batch.Outbox)
                alerts.Put(entry);
        });
    }

    private void Gather(Effect effect)
    {
        switch (effect)
        {
            case RecordEvent record:
                _events.Add(new JournalEvent(record.Kind, record.Service, record.Generation, record.Data.ToJson()));
                if (record.Kind is EventKinds.ServiceReady or EventKinds.ServiceAdopted && record.Service is { } living)
                    holdings.Begin(record.Slot ?? living, record.Generation);
                break;
            case SaveSlot save:
                _removed.Remove(save.Record.Service);
                _slots[save.Record.Service] = save.Record;
                break;
            case ForgetSlot forget:
                _slots.Remove(forget.Service);
                _removed.Add(forget.Service);
                break;
            case SaveAlerts save:
                _alertDesk = save.Record;
                break;
            case { NeedsCommit: true }:
                // Kept together with the decision to send it: a monitor that dies right after it has lost nothing.
                if (alerts.Prepare(effect) is { } entry)
                    _outbox.Add(entry);
                _later.Add(effect);
                break;
        }
    }

    private void RunNow(Effect effect)
    {
        switch (effect)
        {
            case SendSignal signal:
                TrySignal(signal.Service, signal.Generation, signal.Signal);
                break;
            case AskToStop ask:
                AskReporters(ask);
                break;
            case KillTree kill:
                Kill(kill);
                break;
            case Lifeline.Monitor.Reclaim reclaim:
                Reclaim(reclaim);
                break;
            case WatchSilence or Diagnose or StartProbing or StopProbing:
                Watch(effect);
                break;
            case WatchMain main:
                if (kept.Watch(main) is { } over) _supervisor.Handle(over);
                break;
            case DropKept drop:
                kept.Drop(drop.Service, _supervisor.Core);
                break;
            case CloseOutput close:
                kept.CloseOutput(close.Slot);
                break;
            case ForgetSlot forget:
                services.Forget(forget.Service);
                break;
        }
    }

    private void RunCommitted(List<Effect> effects, bool onDisk)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case Launch launch:
                    Start(launch);
                    break;
                case AcknowledgeExit acknowledge:
                    _unacknowledged.Enqueue(acknowledge);
                    break;
                case AnswerOrder answer:
                    orders.Answer(answer);
                    break;
                case ShutdownComplete complete:
                    ShutDown(complete);
                    break;
            }
        }

        // Batches are committed in order: with this one everything before it is on disk.
        while (onDisk && _unacknowledged.TryDequeue(out var acknowledged))
            keeper.Acknowledge(acknowledged.Service, acknowledged.Generation);
    }

    private void Start(Launch launch)
    {
        if (services.FindSlot(launch.Service) is not { } service)
        {
            Fail(launch, "the service is no longer configured");
            return;
        }

        var open = kept.OpenAsync(service, launch.Service, launch.Generation);
        if (open.IsCompletedSuccessfully)
            Start(launch, service);
        else
            _ = StartLaterAsync(launch, service, open);
    }

    private async Task StartLaterAsync(Launch launch, ServiceConfiguration service, Task open)
    {
        try
        {
            await open.ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or KeeperProtocolException or ObjectDisposedException)
        {
            Fail(launch, DescriptorLimit.Explain(e));
            return;
        }

        Start(launch, service);
    }

    private void Start(Launch launch, ServiceConfiguration service)
    {
        try
        {
            _ = logs.BeginGenerationAsync(launch.Service, launch.Generation);
            var job = launches.Plan(service, launch.Service, launch.Generation);
            if (job.NeedsHooks && keeper.State.KeeperVersion < KeeperProtocol.HooksVersion)
                throw new ArgumentException($"the keeper is of an older version and knows neither before_start nor limits of memory and processes: run `lifeline upgrade`");
            keeper.Launch(kept.Begin(job, service));
        }
        catch (Exception e) when (e is LinuxException or ArgumentException or KeeperProtocolException or ListenException)
        {
            Fail(launch, DescriptorLimit.Explain(e));
        }
    }

    private void Fail(Launch launch, string error)
    {
        groups.NoteUnborn(launch.Service, launch.Generation, null);
        _supervisor.Post(new LaunchFailed(launch.Service, launch.Generation, error, MonotonicClock.Nanoseconds));
    }

    private void TrySignal(string service, int generation, int signal)
    {
        try
        {
            keeper.Signal(service, generation, signal);
        }
        catch (LinuxException e) when (e.Errno == Errno.EPERM)
        {
            // A service that became another user by itself: its end comes by the KILL to its tree's control group, or not at all, which is then told.
        }
    }

    private void AskReporters(AskToStop ask)
    {
        foreach (var reporter in reporters.Of(ask.Service, ask.Generation))
        {
            try
            {
                reporter.Proxy?.StopRequested(ask.Timeout);
            }
            catch (Exception e) when (e is IpcException or ObjectDisposedException)
            {
                // It does not listen, or is gone: the stop signal follows.
            }
        }
    }

    private void Kill(KillTree kill)
    {
        TrySignal(kill.Service, kill.Generation, Signals.Kill);
        var view = _supervisor.Core.View(kill.Service);
        _ = KillAsync(kill, reclaims.TreeOf(kill.Service, kill.Generation, view?.Pid, view?.StartTicks ?? 0));
    }

    private async Task KillAsync(KillTree kill, ProcessTree tree)
    {
        if (await reclaimer.KillAsync(tree).ConfigureAwait(false) is { } refused)
            _supervisor.Post(new KillRefused(kill.Service, kill.Generation, refused));
    }

    private void Reclaim(Lifeline.Monitor.Reclaim order)
    {
        var request = reclaims.Plan(order, services.FindSlot(order.Service), _supervisor.Core.View(order.Service), _supervisor.Core.View(SlotKeys.OtherOf(order.Service)));
        var run = reclaimer.RunAsync(request);
        if (run.IsCompletedSuccessfully && order.LastLineSince is null)
            Finish(order, run.Result, null, _supervisor.Handle);
        else
            _ = FinishLaterAsync(order, run);
    }

    private async Task FinishLaterAsync(Lifeline.Monitor.Reclaim order, Task<ReclaimResult> run)
    {
        ReclaimResult result;
        try
        {
            result = await run.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The runner turns what it finds into steps; anything else is a bug of ours and must not stop the service for ever.
            result = new ReclaimResult([new ReclaimStep(ReclaimKind.Process, order.Service, ReclaimOutcome.Failed, e.Message)], TreeEmpty: false, TimeSpan.Zero);
        }

        var line = order.LastLineSince is { } since ? await LastLine(order.Service, order.Generation, since).ConfigureAwait(false) : null;
        Finish(order, result, line, _supervisor.Post);
    }

    private void Finish(Lifeline.Monitor.Reclaim order, ReclaimResult result, string? lastLine, Action<MonitorEvent> tell)
    {
        var steps = result.Steps;
        if (result.TreeEmpty)
        {
            steps = SessionRemains.Insert(steps, sessions.Reclaim(order.Service, order.Generation));
            reporters.Forget(order.Service, order.Generation);
            reclaims.Release(order.Service, order.Generation);
        }

        tell(new ReclaimFinished(order.Service, order.Generation, order.Attempt, steps, result.TreeEmpty, (long)result.Took.TotalNanoseconds) { LastLine = lastLine });
    }
}
