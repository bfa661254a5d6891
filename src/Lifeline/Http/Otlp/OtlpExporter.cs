namespace Lifeline.Http;

/// <summary>
/// Sends the metrics to one receiver, again and again, one request at a time. What failed is not kept: the values are sums since the start,
/// so the next ones say more than those would. Safe for any thread.
/// </summary>
internal sealed class OtlpExporter : IDisposable
{
    private readonly TimeSpan _interval;
    private readonly Func<CancellationToken, Task<IReadOnlyList<byte[]>>> _collect;
    private readonly Action _taken;
    private readonly OtlpMeter _meter;
    private readonly TimeProvider _time;
    private readonly Action<string> _log;
    private readonly OtlpSender _sender;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _failures;
    private bool _rejects;

    /// <param name="interval">From one export to the next.</param>
    /// <param name="sender">Where to; it is disposed with this.</param>
    /// <param name="collect">Gives the requests of the values as they are now.</param>
    /// <param name="taken">Is told when the receiver took what was collected last.</param>
    /// <param name="meter">Counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Is told when it begins to fail, and when it is well again.</param>
    public OtlpExporter(TimeSpan interval, OtlpSender sender, Func<CancellationToken, Task<IReadOnlyList<byte[]>>> collect, Action taken, OtlpMeter meter, TimeProvider time, Action<string> log)
    {
        (_interval, _sender, _collect, _taken, _meter, _time, _log) = (interval, sender, collect, taken, meter, time, log);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Ends it with a last export.</summary>
    /// <returns>Done within <see cref="OtlpLimits.LastExport"/>.</returns>
    public async Task FinishAsync(Func<IReadOnlyList<byte[]>> collect)
    {
        using var late = new CancellationTokenSource(OtlpLimits.LastExport, _time);
        await _stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await _loop.WaitAsync(late.Token).ConfigureAwait(false);
            await ExportAsync(_ => Task.FromResult(collect()), late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _log($"the last metrics were not taken by {_sender.Shown} within {OtlpLimits.LastExport.TotalSeconds:0.###} s");
        }
        catch (Exception e)
        {
            // Nothing of this may hold up the end.
            _log($"the last metrics could not be sent to {_sender.Shown}: {e.Message}");
        }
    }

    /// <summary>Ends it. What is on its way is given up.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _sender.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(await ExportAsync(_collect, _stop.Token).ConfigureAwait(false), _time, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                // Ended in the middle of it.
            }
            catch (Exception e)
            {
                // A mistake of ours, which must not be the end of it: told once, tried again.
                NoteFailure(e.Message);
                await Task.Delay(_interval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>How long to wait until the next.</returns>
    private async Task<TimeSpan> ExportAsync(Func<CancellationToken, Task<IReadOnlyList<byte[]>>> collect, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var answer = await SendAsync(await collect(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        var rest = _interval - _time.GetElapsedTime(began);
        if (answer.Error is not { } error)
        {
            NoteSuccess();
            return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
        }

        NoteFailure(error);
        if (!answer.IsForNow)
            return rest > OtlpLimits.RetryInitial ? rest : OtlpLimits.RetryInitial;
        var wait = Backoff();
        return answer.RetryAfter > wait ? answer.RetryAfter.Value : wait;
    }

    private async Task<OtlpAnswer> SendAsync(IReadOnlyList<byte[]> requests, CancellationToken cancellation)
    {
        var answer = new OtlpAnswer(null, false, null);
        foreach (var request in requests)
        {
            answer = await _sender.PostAsync(request, cancellation).ConfigureAwait(false);
            if (answer.Error is not null)
                return answer;
            NoteRejected(answer);
        }

        return answer;
    }

    private void NoteSuccess()
    {
        _taken();
        _meter.NoteExport();
        if (_failures > 0)
            _log($"metrics are sent to {_sender.Shown} again; exports that failed: {_failures}");
        _failures = 0;
    }

    private void NoteFailure(string error)
    {
        _meter.NoteFailure();
        if (_failures++ == 0)
            _log($"metrics cannot be sent to {_sender.Shown} (otlp of [monitor]): {error}; it is tried again");
    }

    private void NoteRejected(OtlpAnswer answer)
    {
        if (answer.Rejected <= 0)
            return;
        _meter.NoteRejected(answer.Rejected);
        if (!_rejects)
            _log($"{_sender.Shown} (otlp of [monitor]) did not want {answer.Rejected} of the values that it was sent: {answer.Reason}; this is said once");
        _rejects = true;
    }

    // Random in part, so that many monitors do not call in step.
    private TimeSpan Backoff()
    {
        var wait = OtlpLimits.RetryInitial * Math.Pow(2, Math.Min(_failures - 1, 16));
        return (wait < OtlpLimits.RetryMax ? wait : OtlpLimits.RetryMax) * (0.8 + (0.2 * Random.Shared.NextDouble()));
    }
}
