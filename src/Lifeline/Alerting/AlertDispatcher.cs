using System.Collections.Concurrent;
using Lifeline.Contracts;
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

    /// <summary>How the channels do, by name.</summary>
    public IReadOnlyList<AlertChannelStatus> Channels() =>
    [
        .. _channels.Values.OrderBy(entry => entry.Channel.Name, StringComparer.Ordinal).Select(entry => new AlertChannelStatus
        {
            Name = entry.Channel.Name,
            Kind = entry.Channel.Kind,
            Pending = entry.Queue.Pending,
            LastError = LastError(entry.Channel.Name),
        }),
    ];

    /// <summary>Whether the receiver must be told of every end, because it keeps what is open itself.</summary>
    public bool KeepsState(string channel) => false;

    /// <summary>An alert as the outbox keeps it. Whoever asked puts it into the journal, and then gives it to <see cref="Put"/>.</summary>
    public OutboxEntry Prepare(Alert alert)
    {
        var id = _journal.NextOutboxId();
        var now = _time.GetUtcNow();
        return new OutboxEntry(id, alert.Channel, AlertPayload.Write(id, alert, _options.Host), now, 0, now);
    }

    /// <summary>Puts an alert that was handed to the journal on its way.</summary>
    public void Put(OutboxEntry entry) => Take(entry);

    /// <summary>Tries to deliver an alert once, beside the queue; null: there is no such channel.</summary>
    public async Task<AlertTestResult?> TestAsync(Alert alert, CancellationToken cancellation)
    {
        if (!_channels.TryGetValue(alert.Channel, out var target))
            return null;
        var id = _journal.NextOutboxId();
        using var sender = MakeSender(target.Channel);
        var attempt = await sender.SendAsync(id, AlertPayload.Write(id, alert, _options.Host), cancellation).ConfigureAwait(false);
        return new AlertTestResult(attempt.Delivered, attempt.Error ?? "delivered");
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
        var queue = new AlertQueue(MakeSender(channel), _options, _time, this);
        _channels[channel.Name] = (channel, queue);
        queue.Start();
    }

    private IAlertSender MakeSender(AlertChannel channel) => channel.Webhook is { } target
        ? new WebhookSender(target, _options, _time)
        : new CommandSender(channel, _options, _time, _threads);

    private void Take(OutboxEntry entry)
    {
        IAlertLedger ledger = this;
        if (!_channels.TryGetValue(entry.Channel, out var target))
            ledger.Settle(entry, delivered: false, "its alert channel is no longer configured");
        else if (!target.Queue.TryReserve())
            ledger.Settle(entry, delivered: false, $"{_options.MaxPending} alerts wait in this channel already");
        else if (!target.Queue.TryPut(entry))
            Take(entry); // It was replaced at this moment.
    }

    private void Report(OutboxEntry entry, bool delivered, string? error) =>
        _settled(new AlertDelivery(AlertPayload.Read(entry.Payload, entry.Channel), entry.Id, delivered, entry.Attempts, error));

    private static bool IsSame(AlertChannel a, AlertChannel b) =>
        a.Name == b.Name && a.Webhook == b.Webhook && a.WorkingDirectory == b.WorkingDirectory
        && (a.Command ?? []).SequenceEqual(b.Command ?? [], StringComparer.Ordinal)
        && a.Environment.Count == b.Environment.Count && a.Environment.All(p => b.Environment.TryGetValue(p.Key, out var value) && value == p.Value);
}
