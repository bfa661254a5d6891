using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// The decisions of the monitor: events in, effects out. No files, no sockets, no clock, no threads: the same seed and the same
/// events at the same times give the same effects. Not thread-safe; one loop owns it.
/// </summary>
public sealed class MonitorCore
{
    private readonly Turn _turn;
    private readonly SlotSet _slots;
    private readonly Recovery _recovery;
    private readonly Reconfiguration _reconfiguration;
    private readonly Shutdown _shutdown;
    private readonly OrderDesk _orders;
    private MonitorConfiguration? _configuration;

    /// <summary>A core that waits for <see cref="MonitorStarted"/>.</summary>
    /// <param name="options">Settings of the core itself.</param>
    public MonitorCore(MonitorCoreOptions options)
        : this(options, SlotTable.Default)
    {
    }

    internal MonitorCore(MonitorCoreOptions options, SlotTable table)
    {
        ArgumentNullException.ThrowIfNull(options);
        _turn = new(options, table);
        _slots = new(_turn);
        var dependencies = new DependencyGraph(_slots);
        var groups = new GroupBook(_slots, _turn, dependencies);
        var replacements = new ReplacementBook(_slots, _turn, dependencies);
        _slots.Follow = slot =>
        {
            dependencies.Follow(slot);
            groups.Follow(slot);
            replacements.Follow(slot);
        };
        _recovery = new(_slots, _turn, dependencies, groups, replacements);
        _reconfiguration = new(_slots, _turn, dependencies, groups, replacements);
        _shutdown = new(_slots, _turn);
        _orders = new(_slots, _turn, dependencies, replacements);
    }

    /// <summary>When the next <see cref="Tick"/> is due, in monotonic nanoseconds; null: never. May be earlier than needed.</summary>
    public long? NextDeadline
    {
        get
        {
            if (_shutdown.IsComplete) return null;
            var next = Monotonic.Earliest(_slots.NextDeadline, _shutdown.NextDeadline);
            return next == long.MaxValue ? null : next;
        }
    }

    /// <summary>Whether <see cref="ShutdownComplete"/> was given.</summary>
    public bool IsShutDown => _shutdown.IsComplete;

    /// <summary>The names of the services in the order of the configuration; those being removed come last.</summary>
    public IReadOnlyList<string> Services => [.. _slots.InOrder.Where(slot => slot.Role == SlotRole.Active).Select(slot => slot.Name)];

    /// <summary>The keys of all slots (<see cref="SlotKeys"/>).</summary>
    public IReadOnlyList<string> Slots => [.. _slots.InOrder.Select(slot => slot.Key)];

    /// <summary>The main processes that live. Cheap: asked for at each death, among many slots.</summary>
    public IEnumerable<int> Pids => _slots.InOrder.Where(slot => slot.Pid is not null).Select(slot => slot.Pid.GetValueOrDefault());

    /// <summary>Decides about one event.</summary>
    /// <param name="monitorEvent">The event.</param>
    /// <param name="nowNanoseconds">CLOCK_MONOTONIC now; a value less than an earlier one counts as that one.</param>
    /// <param name="effects">Effects are appended; those of one call are one batch (<see cref="Effect"/>).</param>
    /// <exception cref="InvalidOperationException">The first event is not <see cref="MonitorStarted"/>, or a later one is.</exception>
    public void Handle(MonitorEvent monitorEvent, long nowNanoseconds, IList<Effect> effects)
    {
        ArgumentNullException.ThrowIfNull(monitorEvent);
        ArgumentNullException.ThrowIfNull(effects);
        if (_configuration is null != monitorEvent is MonitorStarted)
            throw new InvalidOperationException($"{nameof(MonitorStarted)} is the first event of a core and comes once.");
        _turn.Begin(nowNanoseconds, effects);
        if (_shutdown.IsComplete)
            HandleAfterEnd(monitorEvent);
        else
            Dispatch(monitorEvent);
        _turn.End();
    }

    /// <summary>
    /// What people see of a service, with memory, CPU and process count left null for the shell to fill; null: no such service.
    /// </summary>
    /// <param name="service">The service.</param>
    public ServiceSnapshot? Snapshot(string service) => _slots.Find(service) is { } slot ? SlotViews.Snapshot(slot, _turn) : null;

    /// <summary>The least that people see of a service; null: no such service.</summary>
    /// <param name="service">The service.</param>
    public ServiceOutline? Outline(string service) => _slots.Find(service) is { } slot ? SlotViews.Outline(slot) : null;

    /// <summary>The services that are related to some, directly or not, without themselves.</summary>
    /// <param name="services">Those; one that does not exist is related to nobody.</param>
    /// <param name="relations">How.</param>
    public IReadOnlySet<string> RelatedTo(IReadOnlyCollection<string> services, ServiceRelations relations) => Relatives.Of(_slots, services, relations);

    /// <summary>What happens next to a service by itself; null: nothing, or no such service.</summary>
    /// <param name="service">The service.</param>
    public SnapshotDue? Due(string service) => _slots.Find(service) is { } slot ? SlotViews.Due(slot, _turn) : null;

    /// <summary>What the shell needs to know of a slot; null: no such slot.</summary>
    /// <param name="key">The slot's key; of a service with one slot its name.</param>
    public SlotView? View(string key) => _slots.FindKey(key) is { } slot ? SlotViews.View(slot) : null;

    /// <summary>What the shell needs to know of the slot that is a service now; null: no such service.</summary>
    /// <param name="service">The service.</param>
    public SlotView? ViewOfService(string service) => _slots.Find(service) is { } slot ? SlotViews.View(slot) : null;

    /// <summary>What is wrong now, oldest first.</summary>
    /// <param name="channel">Only what people were told of through this channel and is not over; null: everything, also what is held back.</param>
    public IReadOnlyList<OpenAlert> OpenAlerts(string? channel = null) => channel is null
        ? AlertViews.Open(_slots.InOrder, alert => alert.Open || alert.HeldBack is not null)
        : AlertViews.Open(_slots.InOrder, alert => alert.Open && alert.Alert == channel);

    /// <summary>The silences that are not over.</summary>
    /// <param name="now">CLOCK_MONOTONIC now.</param>
    public IReadOnlyList<AlertSilence> Silences(long now) => _turn.Alerts.InForce(_turn, now);

    private void Dispatch(MonitorEvent monitorEvent)
    {
        switch (monitorEvent)
        {
            case InstanceEvent instanceEvent: HandleInstance(instanceEvent); break;
            case Tick: _slots.FireDue(); break;
            case OperatorOrder order: _orders.Handle(order); break;
            case AlertOrder order: AlertOrders.Handle(order, _slots, _turn); break;
            case AlertOutcome outcome: RecordOutcome(outcome); break;
            case KeeperChanged changed: NoteKeeper(changed); break;
            case KeeperReplaced replaced: _recovery.Compare(replaced.Instances); break;
            case ClockSet clock: SetClock(clock); break;
            case MonitorTrouble trouble: _turn.Alerts.RaiseForMonitor(_turn, trouble.Text, lasts: true); break;
            case MonitorTroubleOver over: _turn.Alerts.ResolveForMonitor(_turn, over.Text); break;
            case ShutdownRequested request: _shutdown.Begin(request, _configuration!.ShutdownTimeout); break;
            case MonitorStarted started:
                _configuration = started.Configuration;
                _recovery.Start(started);
                if (started.Shutdown is { } shutdown) _shutdown.Begin(shutdown, started.Configuration.ShutdownTimeout);
                break;
            case ConfigurationChanged changed when !_turn.ShuttingDown:
                _configuration = changed.Configuration;
                _reconfiguration.Apply(changed.Configuration);
                break;
        }

        _slots.FollowMoves();
        _shutdown.Look(monitorEvent is Tick);
        _slots.FollowMoves();
    }

    // Whatever is about another generation than the current one is too late (or was never ours): it changes nothing, but its
    // notice is taken, and a process that should not be is ended.
    private void HandleInstance(InstanceEvent instanceEvent)
    {
        var slot = _slots.FindKey(instanceEvent.Service);
        // Of one that is not the main process any more: the keeper has gone on to the one that is, and must keep its end.
        if (instanceEvent is ProcessExited { Pid: { } ended } && slot?.Pid is { } main && ended != main && slot.Generation == instanceEvent.Generation)
            return;
        if (instanceEvent is ProcessExited) _turn.Order(new AcknowledgeExit(instanceEvent.Service, instanceEvent.Generation));
        if (slot is null || slot.Generation != instanceEvent.Generation)
        {
            if (instanceEvent is LaunchSucceeded) _turn.Order(new KillTree(instanceEvent.Service, instanceEvent.Generation));
            return;
        }

        if (instanceEvent is ReclaimFinished reclaim && reclaim.Attempt != slot.ReclaimAttempt) return;
        _slots.Apply(slot, Occurrence.Of(instanceEvent));
    }

    // Silences end by the clock on the wall.
    private void SetClock(ClockSet clock)
    {
        _turn.MonotonicZero = clock.MonotonicZero;
        if (_turn.Alerts.Silences.Count == 0) return;
        foreach (var slot in _slots.InOrder.ToArray())
            _slots.Settle(slot);
    }

    private void NoteKeeper(KeeperChanged changed)
    {
        _turn.Record(EventKinds.KeeperReplaced, new EventData().With("pid", changed.Pid));
        _turn.Alerts.RaiseForMonitor(_turn, $"the keeper died and was replaced by process {changed.Pid}; the services run on");
    }

    private void RecordOutcome(AlertOutcome outcome)
    {
        var data = new EventData()
            .With("alert", outcome.Alert)
            .With("rule", AlertRuleNames.Of(outcome.Rule))
            .With("attempts", outcome.Attempts);
        if (!outcome.Delivered) data.With("error", outcome.Error);
        _turn.Record(outcome, outcome.Delivered ? EventKinds.AlertDelivered : EventKinds.AlertFailed, data);
    }

    private void HandleAfterEnd(MonitorEvent monitorEvent)
    {
        if (monitorEvent is ProcessExited exited)
            _turn.Order(new AcknowledgeExit(exited.Service, exited.Generation));
        else if (monitorEvent is OperatorOrder order)
            _turn.Order(new AnswerOrder(order.Id, OrderRefusal.ShuttingDown, "the monitor is shutting down"));
        else if (monitorEvent is AlertOrder alertOrder)
            _turn.Order(new AnswerOrder(alertOrder.Id, OrderRefusal.ShuttingDown, "the monitor is shutting down"));
    }
}
