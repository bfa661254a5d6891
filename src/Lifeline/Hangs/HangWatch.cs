using System.Collections.Concurrent;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Lifeline.Supervision;

namespace Lifeline.Hangs;

/// <summary>
/// Answers the core's question why a service is silent: first whatever waits in its sockets and slots is read, then it is looked at.
/// Safe for any thread.
/// </summary>
internal sealed class HangWatch(HangInspector inspector, NotifySockets notifications, StatusIntake intake, Supervisor supervisor, TimeProvider time) : IDisposable
{
    private readonly BlockingThreads _threads = new(HangLimits.MaxLooks, "hang");
    private readonly ConcurrentDictionary<string, MachineSample> _samples = new(StringComparer.Ordinal);

    /// <summary>Notes how it is before the heartbeat is over.</summary>
    public void Watch(WatchSilence order)
    {
        if (order.Pid is { } pid)
            _ = _threads.Run(() => _samples[order.Service] = MachineSample.Take(pid));
    }

    public void Diagnose(Diagnose order) => _ = DiagnoseAsync(order);

    /// <summary>A service is no longer configured.</summary>
    public void Forget(string service) => _samples.TryRemove(service, out _);

    public void Dispose() => _threads.Dispose();

    private async Task DiagnoseAsync(Diagnose order)
    {
        HangEvidence? evidence = null;
        try
        {
            var drained = notifications.DrainAsync();
            if (order.Pid is { } pid)
                evidence = await _threads.Run(() => inspector.Look(order.Service, order.Generation, pid, _samples.GetValueOrDefault(order.Service))).ConfigureAwait(false);
            await drained.WaitAsync(HangLimits.DrainTime, time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or Linux.LinuxException)
        {
            // What was not found out is missing; whether there is enough to judge by is the core's affair.
        }

        var found = evidence;
        supervisor.Post(() =>
        {
            // What it has written to its slots since is a sign of life like any other.
            intake.ReadAll(order.Service, order.Generation);
            supervisor.Handle(new SilenceDiagnosed(order.Service, order.Generation, found));
        });
    }
}
