using Microsoft.Extensions.Logging;

namespace Lifeline.Client;

/// <summary>Asks the program whether it is alive, one question at a time: a check that does not come back is not asked again, and means no.</summary>
internal sealed class LivenessProbe(StatusReporterOptions options)
{
    private readonly Func<CancellationToken, ValueTask<bool>> _check = options.LivenessCheck ?? RunOnThePoolAsync;
    private Task<bool>? _running;
    private bool _wasAlive = true;

    /// <summary>Whether a check that began now, or did not end before, says yes within the patience. Not to be called twice at once.</summary>
    public async ValueTask<bool> IsAliveAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var isAlive = await AskAsync(patience, cancellationToken).ConfigureAwait(false);
        if (_wasAlive && !isAlive)
            options.Logger.LogWarning("The liveness check says that the program is not alive: no beat is sent.");
        _wasAlive = isAlive;
        return isAlive;
    }

    private static async ValueTask<bool> RunOnThePoolAsync(CancellationToken cancellationToken)
    {
        await Task.Run(static () => { }, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async ValueTask<bool> AskAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(patience, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            if (_running is null or { IsCompleted: true })
                _running = _check(either.Token).AsTask();
            return await _running.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        // The check is the program's own code: whatever it throws means that it is not well.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            options.Logger.LogWarning(e, "The liveness check failed.");
            return false;
        }
    }
}
