using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What concerns alerts of all services: their numbers, the silences, and alerts about the monitor itself.</summary>
internal sealed class AlertDesk
{
    private List<AlertSilence> _silences = [];
    private List<MonitorAlertRecord> _monitor = [];
    private long _nextId = 1;
    private bool _isDirty;

    /// <summary>The channels of the configuration.</summary>
    public IReadOnlyList<AlertSpec> Channels { get; set; } = [];

    public IReadOnlyList<AlertSilence> Silences => _silences;

    public void Restore(AlertDeskRecord? record, IReadOnlyList<SlotRecord> slots, IReadOnlyList<AlertSpec> channels)
    {
        Channels = channels;
        _silences = [.. record?.Silences ?? []];
        _monitor = [.. record?.Monitor ?? []];
        // The slots know better than a desk that was lost.
        _nextId = Math.Max(record?.NextId ?? 1, 1 + slots.SelectMany(slot => slot.Alerts).Select(alert => alert.Id).DefaultIfEmpty().Max());
    }

    /// <summary>What to save, if anything changed since the last time.</summary>
    public AlertDeskRecord? TakeChange()
    {
        if (!_isDirty) return null;
        _isDirty = false;
        return new() { NextId = _nextId, Silences = [.. _silences], Monitor = [.. _monitor] };
    }

    public long NewId()
    {
        _isDirty = true;
        return _nextId++;
    }

    /// <summary>Until when a channel is silent about a service; null: it is not.</summary>
    public long? SilentUntil(string channel, string? service, Turn turn)
    {
        long? until = null;
        foreach (var silence in _silences)
        {
            if (silence.Target != channel && (service is null || !NamePattern.Matches(silence.Target, service))) continue;
            var end = turn.MonotonicOf(silence.Until);
            if (end > turn.Now && end > (until ?? 0)) until = end;
        }

        return until;
    }

    public IReadOnlyList<AlertSilence> InForce(Turn turn, long now) => [.. _silences.Where(silence => turn.MonotonicOf(silence.Until) > now)];

    /// <summary>Puts a silence in force in the place of one for the same target; false: there are too many.</summary>
    public bool TryAdd(AlertSilence silence, Turn turn)
    {
        _silences.RemoveAll(old => old.Target == silence.Target || turn.MonotonicOf(old.Until) <= turn.Now);
        if (_silences.Count >= turn.Options.MaxSilences) return false;
        _silences.Add(silence);
        _isDirty = true;
        return true;
    }

    public bool Remove(string target, Turn turn)
    {
        var removed = _silences.Exists(silence => silence.Target == target && turn.MonotonicOf(silence.Until) > turn.Now);
        _isDirty |= _silences.RemoveAll(silence => silence.Target == target) > 0;
        return removed;
    }

    /// <summary>Tells the channels that want to hear of the monitor itself.</summary>
    /// <remarks><paramref name="lasts"/>: until <see cref="ResolveForMonitor"/>; else it is over as soon as it is told.</remarks>
    public void RaiseForMonitor(Turn turn, string text, bool lasts = false)
    {
        var now = turn.TimeOf(turn.Now);
        foreach (var channel in Channels)
        {
            if (!channel.On.Contains(AlertRule.Monitor)) continue;
            _isDirty = true;
            var index = _monitor.FindIndex(record => record.Alert == channel.Name);
            var last = index < 0 ? null : _monitor[index];
            if (index >= 0) _monitor.RemoveAt(index);
            var isHeldBack = (last is not null && now >= last.RaisedAt && now < last.RaisedAt + channel.Throttle)
                || SilentUntil(channel.Name, null, turn) is not null;
            if (isHeldBack)
            {
                _monitor.Add(new(channel.Name, last?.RaisedAt ?? DateTimeOffset.UnixEpoch, (last?.Suppressed ?? 0) + 1) { LastsSince = last?.LastsSince });
                continue;
            }

            _monitor.Add(new(channel.Name, now, 0) { LastsSince = lasts ? now : last?.LastsSince });
            turn.Record(EventKinds.AlertRaised, new EventData()
                .With("alert", channel.Name)
                .With("rule", AlertRuleNames.Of(AlertRule.Monitor))
                .With("text", text)
                .With("suppressed", last?.Suppressed ?? 0));
            turn.Order(new RaiseAlert(channel.Name, AlertRule.Monitor, "", 0, text, last?.Suppressed ?? 0));
        }

        _monitor.RemoveAll(record => Channels.All(channel => channel.Name != record.Alert));
    }

    /// <summary>What lasted is over: whoever was told of it is told of that. Who was told of nothing hears nothing.</summary>
    public void ResolveForMonitor(Turn turn, string text)
    {
        for (var i = 0; i < _monitor.Count; i++)
        {
            if (_monitor[i] is not { LastsSince: { } since } record) continue;
            _isDirty = true;
            _monitor[i] = record with { LastsSince = null };
            // A channel that was taken out of the configuration meanwhile has nobody behind it.
            if (Channels.All(channel => channel.Name != record.Alert)) continue;
            turn.Record(EventKinds.AlertResolved, new EventData()
                .With("alert", record.Alert)
                .With("rule", AlertRuleNames.Of(AlertRule.Monitor))
                .With("cause", "recovered"));
            turn.Order(new ResolveAlert(record.Alert, AlertRule.Monitor, "", 0, text, Notify: true) { Since = since });
        }
    }
}
