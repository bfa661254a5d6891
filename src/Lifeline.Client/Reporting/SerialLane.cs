using Microsoft.Extensions.Logging;

namespace Lifeline.Client;

/// <summary>Runs the program's own handlers on the thread pool, one after the other, so that none of them can hold the reporter up.</summary>
internal sealed class SerialLane(ILogger logger)
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    public void Run(Action handler)
    {
        lock (_gate)
            _last = _last.ContinueWith(_ => Guard(handler), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private void Guard(Action handler)
    {
        try
        {
            handler();
        }
        // A handler is the program's own code: whatever it throws must not end the reporting.
        catch (Exception e)
        {
            logger.LogWarning(e, "A handler of the status reporter failed.");
        }
    }
}
