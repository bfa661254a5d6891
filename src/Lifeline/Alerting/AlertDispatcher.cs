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
    private readonly UndeliveredCount _undelivered;
    private readonly CancellationTokenSource _stop = new();
    private Task _refreshing = Task.CompletedTask;

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
        _undelivered = new UndeliveredCount(journal);
    }

    /// <summary>What is open in a channel, for receivers that must be told again and again. Set before <see cref="Start"/>.</summary>
    public Func<string, Task<IReadOnlyList<OpenAlert>>>? OpenIn { get; init; }

    /// <summary>The last error of a channel without secrets; null after a delivery.</summary>
    public string? LastError(string channel) => _lastErrors.GetValueOrDefault(channel);

    /// <summary>Opens the channels and takes up what the outbox held when the journal was opened. Called once.</summary>
    public void Start(IReadOnlyList<AlertChannel> channels)
    {
        foreach (var channel in channels)
            Open(channel);
        foreach (var entry in _journal.Recovered.Outbox)
            Take(entry);
        if (OpenIn is not null)
            _refreshing = Task.Run(RefreshAsync);
    }

    /// <summary>Other channels from now on. Those that stayed the same go on; what waits for a changed one goes to the new one, for a removed one it fails.</summary>
    public async Task ReplaceAsync(IReadOnlyList<AlertChannel> channels)
    {
        var left = new List<OutboxEntry>();
        foreach (var (name, (channel, queue)) in _channels)
        {
            if (channels.Any(channel.IsSame))
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
            Undelivered = _undelivered.Of(entry.Channel.Name).Count,
            LastError = LastError(entry.Channel.Name) ?? _undelivered.Of(entry.Channel.Name).Error,
        }),
    ];

    /// <summary>Whether the receiver must be told of every end, because it keeps what is open itself.</summary>
    public bool KeepsState(string channel) => _channels.TryGetValue(channel, out var entry) && entry.Channel.Alertmanager is not null;

    /// <summary>An alert as the outbox keeps it. Whoever asked puts it into the journal, and then gives it to <see cref="Put"/>.</summary>
    public OutboxEntry Prepare(Alert alert)
    {
        var id = _journal.NextOutboxId();
        var now = _time.GetUtcNow();
        var wait = _channels.TryGetValue(alert.Channel, out var entry) ? entry.Channel.GroupWait : TimeSpan.Zero;
        return new OutboxEntry(id, alert.Channel, AlertPayload.Write(id, alert, _options.Host), now, 0, now + wait);
    }

    /// <summary>Puts an alert that was handed to the journal on its way.</summary>
    public void Put(OutboxEntry entry) => Take(entry);

    /// <summary>Tries to deliver an alert once, beside the queue; null: there is no such channel.</summary>
    public async Task<AlertTestResult?> TestAsync(Alert alert, CancellationToken cancellation)
    {
        if (!_channels.TryGetValue(alert.Channel, out var target))
            return null;
        var message = new AlertMessage([new AlertItem(Prepare(alert), alert)]);
        using var sender = MakeSender(target.Channel);
        var attempt = await sender.SendAsync(message, cancellation).ConfigureAwait(false);
        return new AlertTestResult(attempt.Delivered, attempt.Error ?? attempt.Answer ?? "");
    }

    /// <summary>Ends; what is not settled stays in the outbox.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _refreshing.ConfigureAwait(false);
        foreach (var (_, queue) in _channels.Values)
            await queue.DisposeAsync().ConfigureAwait(false);
        _threads.Dispose();
        _stop.Dispose();
    }

    void IAlertLedger.Postpone(OutboxEntry entry, string? error)
    {
        if (error is not null)
            NoteTrouble(entry.Channel, error);
        _journal.Commit(new JournalBatch { Outbox = [entry] });
    }

    void IAlertLedger.Settle(OutboxEntry entry, bool delivered, string? error)
    {
        if (delivered)
            _lastErrors.TryRemove(entry.Channel, out _);
        else if (error is not null)
            _lastErrors[entry.Channel] = error;
        if (delivered)
            _undelivered.Clear(entry.Channel);
        else
            _undelivered.Add(entry.Channel, error);
        Report(entry, delivered, error);
        _journal.Commit(new JournalBatch { RemovedOutbox = [entry.Id] });
    }

    private void Open(AlertChannel channel)
    {
        var queue = new AlertQueue(MakeSender(channel), _options, _time, this);
        _channels[channel.Name] = (channel, queue);
        queue.Start();
    }

    private IAlertSender MakeSender(AlertChannel channel) => channel switch
    {
        { Webhook: { } target } => new WebhookSender(target, WebhookBody.For(channel), _options, _time),
        { Email: { } target } => new EmailSender(target, _options, _time),
        { Alertmanager: { } target } => new AlertmanagerSender(target, _options, _time),
        _ => new CommandSender(channel, _options, _time, _threads),
    };

    // At once, for there may have been no monitor for a while; then for ever.
    private async Task RefreshAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var (channel, _) in _channels.Values.Where(entry => entry.Channel.Alertmanager is not null))
                await RefreshAsync(channel).ConfigureAwait(false);
            await Task.Delay(_options.AlertmanagerRefresh, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RefreshAsync(AlertChannel channel)
    {
        try
        {
            var open = await OpenIn!(channel.Name).WaitAsync(_stop.Token).ConfigureAwait(false);
            if (open.Count == 0)
                return;
            using var sender = new AlertmanagerSender(channel.Alertmanager!, _options, _time);
            foreach (var batch in open.Chunk(_options.MaxGroup))
                NoteRefresh(channel.Name, await sender.RefreshAsync(batch, _time.GetUtcNow(), _stop.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The next monitor goes on.
        }
    }

    private void NoteRefresh(string channel, DeliveryAttempt attempt)
    {
        if (attempt.Error is { } error)
            NoteTrouble(channel, error);
        else if (_undelivered.Of(channel).Count == 0)
            _lastErrors.TryRemove(channel, out _);
    }

    private void NoteTrouble(string channel, string error)
    {
        if (!_lastErrors.ContainsKey(channel))
            _trouble($"the alert channel \"{channel}\" fails and is tried again and again: {error}");
        _lastErrors[channel] = error;
    }

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
}
