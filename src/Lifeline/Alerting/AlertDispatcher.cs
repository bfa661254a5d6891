using System.Collections.Concurrent;
using Lifeline.Journal;
using Lifeline.Reclaim;

namespace Lifeline.Alerting;

/// <summary>
/// Brings alerts to their channels, at least once: an alert is in the journal's outbox before it is tried and until it is settled,
/// so the next monitor goes on where this one ended. Never makes the caller wait. Safe for any thread.
/// </summary>
internal sealed class AlertDispatcher : IAlertLedger, IAsyncDisposable
{
    /// <summary>Commands of alert channels that run at the same time.</summary>
    public const int MaxCommands = 16;

    private readonly JournalStore _journal;
    private readonly Action<AlertDelivery> _settled;
    private readonly AlertOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<string> _trouble;
    private readonly BlockingThreads _threads = new(MaxCommands, "alert");
    private readonly ConcurrentDictionary<string, (AlertChannel Channel, AlertQueue Queue)> _channels = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _lastErrors = new(StringComparer.Ordinal);

    /// <param name="journal">Where the outbox is.</param>
    /// <param name="settled">Called once for each alert that was delivered or given up, on a thread that must not be held.</param>
    /// <param name="options">Limits; null: the defaults.</param>
    /// <param name="time">The clock; null: the system's.</param>
    /// <param name="trouble">Told for people when a channel that worked (or was new) fails; null: nobody.</param>
    public AlertDispatcher(
        JournalStore journal, Action<AlertDelivery> settled, AlertOptions? options = null, TimeProvider? time = null, Action<string>? trouble = null)
    {
        _trouble = trouble ?? (_ => { });
        _journal = journal;
        _settled = settled;
        _options = options ?? new AlertOptions();
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The last error of a channel without secrets; null after a delivery.</summary>
    public string? LastError(string channel) => _lastErrors.GetValueOrDefault(channel);

    /// <summary>Alerts of a channel that are not settled.</summary>
    public int Pending(string channel) => _channels.TryGetValue(channel, out var entry) ? entry.Queue.Pending : 0;

    /// <summary>Opens the channels and takes up what the outbox held when the journal was opened. Called once.</summary>
    public void Start(IReadOnlyList<AlertChannel> channels)
    {
        foreach (var channel in channels)
            Open(channel);
        foreach (var entry in _journal.Recovered.Outbox)
            Take(entry);
    }

    /// <summary>Other channels from now on. Those that stayed the same go on; what waits for a changed one goes to the new one, for a removed one it fails.</summary>
    public async Task ReplaceAsync(IReadOnlyList<AlertChannel> channels)
    {
        var left = new List<OutboxEntry>();
        foreach (var (name, (channel, queue)) in _channels)
        {
            if (channels.Any(c => IsSame(c, channel)))
                continue;
            _channels.TryRemove(name, out _);
            await queue.DisposeAsync().ConfigureAwait(false);
            left.AddRange(queue.TakeAll());
        }

        foreach (var channel in channels.Where(c => !_channels.ContainsKey(c.Name)))
            Open(channel);
        foreach (var entry in left)
            Take(entry);
    }

    /// <summary>Puts an alert into the outbox and on its way. If the disk does not take it, it is sent all the same.</summary>
    public void Send(Alert alert)
    {
        var id = _journal.NextOutboxId();
        var now = _time.GetUtcNow();
        var entry = new OutboxEntry(id, alert.Channel, AlertPayload.Write(id, alert, _options.Host), now, 0, now);
        if (!_channels.TryGetValue(alert.Channel, out var target))
        {
            Report(entry, false, "there is no such alert channel");
            return;
        }

        if (!target.Queue.TryReserve())
        {
            Report(entry, false, $"{_options.MaxPending} alerts wait in this channel already");
            return;
        }

        _ = PutWhenKeptAsync(entry, target.Queue);
    }

    /// <summary>Ends; what is not settled stays in the outbox.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, queue) in _channels.Values)
            await queue.DisposeAsync().ConfigureAwait(false);
        _threads.Dispose();
    }

    void IAlertLedger.Postpone(OutboxEntry entry, string? error)
    {
        if (error is not null)
        {
            if (!_lastErrors.ContainsKey(entry.Channel))
                _trouble($"the alert channel \"{entry.Channel}\" fails and is tried again and again: {error}");
            _lastErrors[entry.Channel] = error;
        }

        _journal.Commit(new JournalBatch { Outbox = [entry] });
    }

    void IAlertLedger.Settle(OutboxEntry entry, bool delivered, string? error)
    {
        if (delivered)
            _lastErrors.TryRemove(entry.Channel, out _);
        else if (error is not null)
            _lastErrors[entry.Channel] = error;
        Report(entry, delivered, error);
        _journal.Commit(new JournalBatch { RemovedOutbox = [entry.Id] });
    }

    private void Open(AlertChannel channel)
    {
        IAlertSender sender = channel.Webhook is { } target
            ? new WebhookSender(target, _options, _time)
            : new CommandSender(channel, _options, _time, _threads);
        var queue = new AlertQueue(sender, _options, _time, this);
        _channels[channel.Name] = (channel, queue);
        queue.Start();
    }

    private void Take(OutboxEntry entry)
    {
        IAlertLedger ledger = this;
        if (!_channels.TryGetValue(entry.Channel, out var target))
            ledger.Settle(entry, delivered: false, "its alert channel is no longer configured");
        else if (!target.Queue.TryReserve())
            ledger.Settle(entry, delivered: false, $"{_options.MaxPending} alerts wait in this channel already");
        else
            target.Queue.TryPut(entry);
    }

    private async Task PutWhenKeptAsync(OutboxEntry entry, AlertQueue queue)
    {
        try
        {
            await _journal.CommitAsync(new JournalBatch { Outbox = [entry] }).ConfigureAwait(false);
        }
        catch (JournalException)
        {
            // A full disk is when people most need to hear of it: what could not be kept is sent all the same.
        }

        // The channel may have been replaced meanwhile.
        if (!queue.TryPut(entry))
            Take(entry);
    }

    private void Report(OutboxEntry entry, bool delivered, string? error) =>
        _settled(new AlertDelivery(AlertPayload.Read(entry.Payload, entry.Channel), entry.Id, delivered, entry.Attempts, error));

    private static bool IsSame(AlertChannel a, AlertChannel b) =>
        a.Name == b.Name && a.Webhook == b.Webhook && a.WorkingDirectory == b.WorkingDirectory
        && (a.Command ?? []).SequenceEqual(b.Command ?? [], StringComparer.Ordinal)
        && a.Environment.Count == b.Environment.Count && a.Environment.All(p => b.Environment.TryGetValue(p.Key, out var value) && value == p.Value);
}
