using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// The first turn of a core, and the turn after a new keeper: what the records say is brought together with what the keeper says
/// lives. What was missed becomes what it would have been.
/// </summary>
internal sealed class Recovery(SlotSet slots, Turn turn, DependencyGraph dependencies, GroupBook groups, ReplacementBook replacements)
{
    private bool _isEnding;

    public void Start(MonitorStarted started)
    {
        _isEnding = started.Shutdown is not null;
        turn.Alerts.Restore(started.Alerts, started.Records, started.Configuration.Alerts);
        var saved = started.Records.ToDictionary(record => record.Service, StringComparer.Ordinal);
        var fresh = new HashSet<Slot>();
        foreach (var spec in started.Configuration.Services)
        {
            saved.Remove(spec.Name, out var first);
            saved.Remove(SlotKeys.SecondOf(spec.Name), out var second);
            Restore(spec, first, second, isConfigured: true, fresh);
        }

        foreach (var pair in saved.Values.GroupBy(record => SlotKeys.ServiceOf(record.Service)).ToArray())
        {
            if (pair.All(IsGone))
                slots.Retire(pair.Key, pair.Max(record => record.Generation));
            else
                Restore(Unconfigured(pair.Key), saved.GetValueOrDefault(pair.Key), saved.GetValueOrDefault(SlotKeys.SecondOf(pair.Key)), isConfigured: false, fresh);
        }

        var listed = started.Instances.ToLookup(report => report.Service, StringComparer.Ordinal);
        foreach (var key in listed.Select(group => group.Key).Where(key => slots.FindKey(key) is null).ToArray())
            AddUnknown(key);
        foreach (var slot in slots.InOrder)
            slot.Channels = AlertBook.ChannelsOf(slot.Name, started.Configuration.Alerts);
        dependencies.Link();
        groups.Link(started.Configuration.Groups);
        foreach (var slot in fresh.Where(slot => slot.Wanted).ToArray())
            WantBeneath(slot, fresh);
        if (started.Records.Count > 0) RecordRecovery(started);
        // What lives must be known of all before anything is launched: a launch depends on others.
        var all = slots.InOrder.ToArray();
        var unclean = all.Where(slot => slot.Phase == SlotPhase.Reclaiming).ToHashSet();
        foreach (var slot in all)
        {
            AlertBook.DropUnknown(slot, turn);
            Match(slot, [.. listed[slot.Key]]);
        }

        foreach (var slot in all.Where(slot => slot.Role == SlotRole.Active))
            if (replacements.Rejoin(slot)) fresh.Remove(slot);
        foreach (var slot in all)
            Rejoin(slot, unclean.Contains(slot), fresh.Contains(slot));
        slots.FollowMoves();
        groups.LookAgain();
        dependencies.LookAgain();
    }

    /// <summary>The keeper was replaced; nothing but the list can have changed.</summary>
    public void Compare(IReadOnlyList<InstanceReport> instances)
    {
        var listed = instances.ToLookup(report => report.Service, StringComparer.Ordinal);
        foreach (var slot in slots.InOrder.ToArray())
        {
            Match(slot, [.. listed[slot.Key]]);
            slots.Settle(slot);
        }

        foreach (var report in instances.Where(report => slots.FindKey(report.Service) is null))
            turn.Order(new KillTree(report.Service, report.Generation));
    }

    private static bool IsService(SlotRecord record) => record.Role == SlotRole.Active;

    private static bool IsGone(SlotRecord record) => record is { Removed: true, Phase: SlotPhase.Stopped };

    private static ServiceSpec Unconfigured(string name) => new() { Name = name, Autostart = false };

    private void AddUnknown(string key)
    {
        var name = SlotKeys.ServiceOf(key);
        if (slots.Find(name) is not { } slot)
        {
            slot = slots.Add(Unconfigured(name));
            slot.Removed = true;
        }

        if (SlotKeys.IsSecond(key)) slots.AddTwin(slot);
    }

    private void Restore(ServiceSpec spec, SlotRecord? first, SlotRecord? second, bool isConfigured, HashSet<Slot> fresh)
    {
        var slot = slots.Add(spec);
        if (spec.Overlaps || second is not null) slots.AddTwin(slot);
        if (slot.Twin is not { } twin)
        {
            Restore(slot, first, isActive: true, isConfigured, fresh);
            return;
        }

        var isSecondActive = second is { Role: SlotRole.Active } && first is not { Role: SlotRole.Active };
        if (isSecondActive) slots.Activate(twin);
        Restore(slot, first, !isSecondActive, isConfigured, fresh);
        Restore(twin, second, isSecondActive, isConfigured, fresh);
    }

    private void Restore(Slot slot, SlotRecord? record, bool isActive, bool isConfigured, HashSet<Slot> fresh)
    {
        var spec = slot.Spec;
        slot.Role = isActive ? SlotRole.Active : SlotRole.Spare;
        slot.Removed = !isConfigured;
        if (record is null)
        {
            slot.Wanted = isActive && spec.Autostart && !_isEnding;
            if (isActive) fresh.Add(slot);
            return;
        }

        var wasRemoved = record.Removed;
        SlotRecords.Restore(slot, record, turn.Now);
        // A record of a life before the service was taken out and came back.
        if (!isActive) slot.Alerts.Clear();
        slot.Role = isActive ? SlotRole.Active : record.Role == SlotRole.Incoming ? SlotRole.Incoming : SlotRole.Spare;
        // A record that was cut down to its number: whether that generation is dead and clean is found out first.
        if (!slot.IsAlive && slot.DiedGeneration < slot.Generation) slot.Phase = SlotPhase.Launching;
        slot.Removed = !isConfigured;
        if (!isConfigured) slot.Wanted = false;
        if (record.BootId != turn.Options.BootId) ForgetBoot(slot);
        if (record.BootId == turn.Options.BootId && !record.ShutDown && !(wasRemoved && isConfigured)) return;
        slot.ShutDown = false;
        slot.Wanted = isActive && spec.Autostart && !_isEnding;
        slot.ReplaceAgain = false;
        if (!isActive) slot.Role = SlotRole.Spare;
        slot.IsInRound = slot.FailsWithGroup = false;
        slot.Restarts = 0;
        RestartPolicy.StartAnew(slot);
        if (isActive) fresh.Add(slot);
        turn.Save(slot);
    }

    // Times, pids and processes of another boot are void; what was alive is dead and nobody saw how.
    private void ForgetBoot(Slot slot)
    {
        slot.Pid = null;
        slot.ExecAt = slot.ReadyAt = null;
        slot.StartedTime = slot.ReadyTime = null;
        Words.Reset(slot);
        slot.EndReason = null;
        slot.Deadline = null;
        slot.RestartAt = turn.Now;
        slot.RestartFollowsDeath = false;
        slot.Status.Reset();
        for (var i = 0; i < slot.Alerts.Count; i++)
            slot.Alerts[i] = slot.Alerts[i] with { RaisedAt = null, HoldsSince = slot.Alerts[i].HoldsSince is null ? null : turn.Now };
    }

    private void RecordRecovery(MonitorStarted started)
    {
        var alive = started.Instances.Count(report => report.Presence == InstancePresence.Alive);
        turn.Record(EventKinds.MonitorRecovered, new EventData()
            .With("services", started.Records.Count(IsService))
            .With("alive", alive)
            .With("exited", started.Instances.Count(report => report.Presence == InstancePresence.Exited)));

        // After an orderly end, or a reboot, a new monitor is no news.
        if (started.Records.Any(record => record.BootId == turn.Options.BootId && !record.ShutDown && !IsGone(record)))
            turn.Alerts.RaiseForMonitor(turn, $"the monitor died and was replaced; {alive} of {started.Records.Count(IsService)} services run");
    }

    // What starts by itself takes with it what it depends on.
    private static void WantBeneath(Slot slot, HashSet<Slot> fresh)
    {
        foreach (var dependency in DependencyGraph.BeneathInOrder(slot))
            if (fresh.Contains(dependency)) dependency.Wanted = true;
    }

    private void Rejoin(Slot slot, bool wasUnclean, bool isFresh)
    {
        if (wasUnclean && slot.Phase == SlotPhase.Reclaiming)
            Remains.Begin(slot, turn);
        else if (slot.Phase is SlotPhase.Backoff or SlotPhase.ReclaimFailed)
            slot.Deadline ??= turn.Now;
        if (isFresh) BeginAnew(slot);
        if (!slot.Wanted && slot.Phase is not SlotPhase.Stopped && (slot.Removed || isFresh || slot.Role == SlotRole.Spare))
            SlotMachine.Apply(slot, turn, new(SlotTrigger.Stop) { Cause = StopCause.Of(slot, turn) });
        slots.Settle(slot);
    }

    // The monitor was started by hand: the configuration says what runs. What must be cleaned up first is cleaned up first.
    private void BeginAnew(Slot slot)
    {
        if (slot.Phase is SlotPhase.Backoff or SlotPhase.Waiting or SlotPhase.Failed or SlotPhase.Exited or SlotPhase.Stopped)
        {
            slot.Phase = SlotPhase.Stopped;
            slot.Deadline = null;
            slot.FailedBecause = null;
            if (slot.Wanted) Launching.BeginFresh(slot, turn);
        }
        else if (slot.Phase is SlotPhase.Reclaiming or SlotPhase.ReclaimFailed)
        {
            slot.After = slot.Wanted ? AfterReclaim.Restart : AfterReclaim.Stop;
            slot.FailedBecause = null;
            slot.RestartAt = turn.Now;
            slot.RestartFollowsDeath = false;
        }
    }

    private void Match(Slot slot, IReadOnlyList<InstanceReport> listed)
    {
        InstanceReport? current = null;
        foreach (var report in listed)
            if (report.Generation >= slot.Generation && (current is null || report.Generation > current.Generation)) current = report;
        foreach (var report in listed)
        {
            if (report.Presence == InstancePresence.Exited)
                turn.Order(new AcknowledgeExit(report.Service, report.Generation));
            else if (report != current)
                turn.Order(new KillTree(report.Service, report.Generation));
        }

        if (current is not null && current.Generation > slot.Generation) TakeOver(slot, current);
        if (current is not null)
            SlotMachine.Apply(slot, turn, Occurrence.Of(current));
        else
            SlotMachine.Apply(slot, turn, new(SlotTrigger.NotListed));
    }

    // The journal knows less than the keeper: it was lost or is older. What lives is taken over as it is.
    private void TakeOver(Slot slot, InstanceReport report)
    {
        slot.Generation = report.Generation;
        slot.DiedGeneration = Math.Min(slot.DiedGeneration, report.Generation - 1);
        slot.Phase = SlotPhase.Launching;
        slot.Deadline = Monotonic.After(turn.Now, turn.Options.LaunchTimeout + slot.Spec.PrepareTimeout);
        slot.Pid = report.Pid;
        slot.ExecAt = slot.ReadyAt = null;
        slot.EndReason = null;
        slot.Wanted = slot.Wanted || !slot.Removed;
        // Whether it is ready, and so the service, is found out like that of any other.
        if (slot.Role == SlotRole.Spare) slot.Role = SlotRole.Incoming;
        slot.LaunchKey = slot.Spec.LaunchKey;
        slot.Status.Reset();
        turn.Save(slot);
    }
}
