using Lifeline.Configuration;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>Runs a step again and again until Ctrl-C, over one monitor and those that come after it.</summary>
internal static class Following
{
    // Keeper and monitor both hold the listening socket: when nobody listens any more, both are gone.
    private static readonly TimeSpan PatienceWithoutListener = TimeSpan.FromSeconds(2);

    /// <remarks><paramref name="first"/>: the session that exists; the caller disposes it. <paramref name="step"/>: one step; what it has shown it must not show again when it is called with another monitor.</remarks>
    public static async Task<int> RunAsync(
        CliContext context, Places places, MonitorConnection first, CancellationToken cancellation, Func<MonitorConnection, CancellationToken, Task> step)
    {
        MonitorConnection? replacement = null;
        try
        {
            while (true)
            {
                try
                {
                    await step(replacement ?? first, cancellation).ConfigureAwait(false);
                    context.Output.Flush();
                    if (context.IsOutputClosed()) return ExitCode.Done;
                }
                catch (IpcException e) when (e.Error == IpcError.DeadObject)
                {
                    context.Output.Flush();
                    if (replacement is not null) await replacement.DisposeAsync().ConfigureAwait(false);
                    replacement = null;
                    replacement = await ReconnectAsync(context, places, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (cancellation.IsCancellationRequested && e is OperationCanceledException or IpcException { Error: IpcError.Cancelled })
        {
            return ExitCode.Done;
        }
        finally
        {
            context.Output.Flush();
            if (replacement is not null) await replacement.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<MonitorConnection> ReconnectAsync(CliContext context, Places places, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await MonitorConnection.ConnectAsync(places, cancellation).ConfigureAwait(false);
            }
            catch (CliException e) when (e.ExitCode == ExitCode.NoMonitor)
            {
                if (context.Time.GetElapsedTime(started) > (MonitorConnection.IsEnding(e) ? MonitorConnection.Patience : PatienceWithoutListener))
                    throw new CliException(ExitCode.NoMonitor, "the monitor has ended", null, e);
                await Task.Delay(MonitorConnection.BetweenAttempts, context.Time, cancellation).ConfigureAwait(false);
            }
        }
    }
}
