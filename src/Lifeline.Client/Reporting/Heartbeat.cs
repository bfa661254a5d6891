using Lifeline.Contracts;
using Lifeline.Ipc;
using Microsoft.Extensions.Logging;

namespace Lifeline.Client;

/// <summary>Signs of life for one registration. Each is sent only after the program proved to be alive: a beat of a thread of our own would prove nothing.</summary>
internal sealed class Heartbeat(ServiceMonitorProxy monitor, TimeSpan interval, LivenessProbe probe, StatusReporterOptions options)
{
    /// <summary>Beats in one interval of the monitor's patience: two may be lost or late.</summary>
    private const int BeatsInAnInterval = 3;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var period = interval / BeatsInAnInterval;
        using var timer = new PeriodicTimer(period > Shortest ? period : Shortest, options.TimeProvider);
        try
        {
            do
            {
                if (await probe.IsAliveAsync(interval, cancellationToken).ConfigureAwait(false))
                    Send();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ended, and its beats with it.
        }
    }

    private void Send()
    {
        try
        {
            monitor.Beat();
        }
        catch (IpcException e)
        {
            options.Logger.LogDebug(e, "A beat could not be sent.");
        }
        catch (ObjectDisposedException)
        {
            // The session was given up while the check ran.
        }
    }
}
