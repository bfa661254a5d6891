using Lifeline.Journal;

namespace Lifeline.Alerting;

/// <summary>The alerts of one channel: due ones are delivered one at a time, those that failed wait their turn.</summary>
internal sealed class AlertQueue : IAsyncDisposable
{
    private readonly IAlertSender _sender;
    private readonly AlertOptions _options;
    private readonly TimeProvider _time;
    private readonly IAlertLedger _ledger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly PriorityQueue<AlertItem, (long At, long Id)> _waiting = new();
    private TaskCompletionSource _changed = NewSignal();
    private int _pending;
    private bool _emptied;
    private Task _loop = Task.CompletedTask;

    public AlertQueue(IAlertSender sender, AlertOptions options, TimeProvider time, IAlertLedger ledger)
    {
        _sender = sender;
        _options = options;
        _time = time;
        _ledger = ledger;
    }

    /// <summary>Alerts that are waiting or on their way.</summary>
    public int Pending => Volatile.Read(ref _pending);

    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Takes an alert in; false when too many wait.</summary>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref _pending) <= _options.MaxPending)
            return true;
        Interlocked.Decrement(ref _pending);
        return false;
    }

    /// <summary>Puts a reserved alert in; false when the queue has ended and given away what it held.</summary>
    public bool TryPut(OutboxEntry entry)
    {
        lock (_gate)
        {
            if (_emptied)
                return false;
            Enqueue(new AlertItem(entry, AlertPayload.Read(entry.Payload, entry.Channel)));
            _changed.TrySetResult();
            return true;
        }
    }

    /// <summary>Stops; what waits stays in the outbox.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _sender.Dispose();
        _stop.Dispose();
    }

    /// <summary>Everything that still waits, after the queue has ended.</summary>
    public IReadOnlyList<OutboxEntry> TakeAll()
    {
        lock (_gate)
        {
            _emptied = true;
            var all = _waiting.UnorderedItems.Select(i => i.Element.Entry).ToList();
            _waiting.Clear();
            return all;
        }
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (TakeDue(out var message, out var wait, out var changed))
                await DeliverAsync(message!).ConfigureAwait(false);
            else
                await WaitAsync(wait, changed).ConfigureAwait(false);
        }
    }

    private void Enqueue(AlertItem item) => _waiting.Enqueue(item, (item.Entry.NextAt.UtcTicks, item.Entry.Id));

    private bool TakeDue(out AlertMessage? message, out TimeSpan wait, out Task changed)
    {
        message = null;
        lock (_gate)
        {
            if (_changed.Task.IsCompleted)
                _changed = NewSignal();
            changed = _changed.Task;
            wait = Timeout.InfiniteTimeSpan;
            if (!_waiting.TryPeek(out var first, out _))
                return false;
            var now = _time.GetUtcNow();
            wait = first.Entry.NextAt - now;
            if (wait > TimeSpan.Zero)
            {
                // A clock that was set back must not hold an alert for longer than its longest wait.
                wait = wait < Longest ? wait : Longest;
                return false;
            }

            message = TakeWithOthers(_waiting.Dequeue(), now);
            return true;
        }
    }

    /// <summary>The one that is due, and those of its kind that are due too, or as fresh as it: they were waiting for each other.</summary>
    private AlertMessage TakeWithOthers(AlertItem first, DateTimeOffset now)
    {
        var items = new List<AlertItem> { first };
        var others = new List<AlertItem>();
        while (_waiting.TryDequeue(out var item, out _))
        {
            var goes = items.Count < _options.MaxGroup
                && item.Alert.Rule == first.Alert.Rule && item.Alert.Resolved == first.Alert.Resolved
                && (item.Entry.NextAt <= now || (item.Entry.Attempts == 0 && first.Entry.Attempts == 0));
            (goes ? items : others).Add(item);
        }

        foreach (var item in others)
            Enqueue(item);
        items.Sort((left, right) => left.Entry.Id.CompareTo(right.Entry.Id));
        return new AlertMessage(items);
    }

    private TimeSpan Longest => _options.RetryMax + _options.RetryMax;

    private async Task WaitAsync(TimeSpan wait, Task changed)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var timer = Task.Delay(wait, _time, enough.Token);
        await Task.WhenAny(changed, timer).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
    }

    private async Task DeliverAsync(AlertMessage message)
    {
        DeliveryAttempt attempt;
        try
        {
            attempt = await _sender.SendAsync(message, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            foreach (var item in message.Items)
                TryPut(item.Entry);
            return;
        }
        catch (Exception e)
        {
            // A fault of ours in one attempt must not end the channel.
            attempt = DeliveryAttempt.Retry(e.GetType().Name);
        }

        // One for all, so that a crowd stays together: who is due a moment later would go alone.
        var now = _time.GetUtcNow();
        var jitter = _options.Jitter * ((Random.Shared.NextDouble() * 2) - 1);
        foreach (var (entry, _) in message.Items)
            Settle(entry with { Attempts = entry.Attempts + 1 }, attempt, now, jitter);
    }

    private void Settle(OutboxEntry entry, DeliveryAttempt attempt, DateTimeOffset now, double jitter)
    {
        if (attempt.Delivered || attempt.Final || entry.Attempts >= _options.MaxAttempts)
        {
            Finish(entry, attempt.Delivered, attempt.Error);
            return;
        }

        var backoff = Backoff(entry.Attempts, jitter);
        var wait = attempt.RetryAfter is { } asked && asked > backoff ? asked : backoff;
        var age = now - entry.CreatedAt;
        if (age + wait > _options.MaxAge)
        {
            Finish(entry, delivered: false, $"{attempt.Error}; given up after {age.TotalHours:0.#} h");
            return;
        }

        var again = entry with { NextAt = now + wait };
        _ledger.Postpone(again, attempt.Error);
        TryPut(again);
    }

    private void Finish(OutboxEntry entry, bool delivered, string? error)
    {
        Interlocked.Decrement(ref _pending);
        _ledger.Settle(entry, delivered, error);
    }

    private TimeSpan Backoff(int attempts, double jitter)
    {
        var doubled = _options.RetryInitial.TotalSeconds * Math.Pow(2, Math.Min(attempts - 1, 30));
        var capped = Math.Min(doubled, _options.RetryMax.TotalSeconds);
        return TimeSpan.FromSeconds(capped * (1 + jitter));
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
