using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lifeline.Bench.Measuring;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Bench.Roles;

/// <summary>
/// A service that holds many sessions with its monitor. Opens them at once; at SIGUSR1 each reports another status at an even pace, for a
/// while; at SIGUSR2 all are closed. Says on standard output what came of each.
/// </summary>
internal sealed class ReporterCrowd : IDisposable
{
    private const int OpenAtOnce = 16;
    private const int MostWaiting = 4096;

    private readonly IpcEndpoint _endpoint = new(new IpcEndpointOptions { Name = "crowd", Workers = 1 });
    private readonly List<ServiceMonitorProxy> _sessions = [];
    private readonly SemaphoreSlim _report = new(0);
    private readonly SemaphoreSlim _close = new(0);
    private readonly Latencies _latencies = new();
    private readonly Lock _gate = new();
    private long _answered;
    private long _refused;
    private string _refusal = "";

    /// <summary>Runs until it is ended.</summary>
    /// <param name="sessions">How many it opens.</param>
    /// <param name="rate">Reports a second, of all sessions together.</param>
    /// <param name="seconds">How long it reports.</param>
    internal static async Task<int> RunAsync(int sessions, int rate, int seconds)
    {
        CurrentProcess.RaiseDescriptorLimit();
        using var crowd = new ReporterCrowd();
        using PosixSignalRegistration report = On(10, crowd._report);
        using PosixSignalRegistration close = On(12, crowd._close);
        await crowd.OpenAsync(sessions);
        await crowd._report.WaitAsync();
        await crowd.ReportAsync(rate, seconds);
        await crowd._close.WaitAsync();
        await crowd.CloseAsync();
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    public void Dispose()
    {
        _report.Dispose();
        _close.Dispose();
    }

    private static PosixSignalRegistration On(int signal, SemaphoreSlim gate) => PosixSignalRegistration.Create((PosixSignal)signal, context =>
    {
        context.Cancel = true;
        gate.Release();
    });

    private static void Say(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private async Task OpenAsync(int wanted)
    {
        string path = Environment.GetEnvironmentVariable("LIFELINE_SOCKET") ?? throw new InvalidOperationException("This is a service of Lifeline's.");
        long begun = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, wanted, new ParallelOptions { MaxDegreeOfParallelism = OpenAtOnce }, async (_, stop) =>
        {
            try
            {
                IpcSession session = await _endpoint.ConnectAsync(path, stop);
                IpcProxy monitor = await new RegistryClient(session.Root).GetAsync(ServiceMonitorCodes.RegistryName, stop);
                lock (_gate)
                    _sessions.Add(new ServiceMonitorProxy(monitor));
            }
            catch (IpcException e)
            {
                Refuse(e);
            }
        });
        Say($"opened {_sessions.Count} refused {_refused} ms {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F0} {_refusal}");
        (_refused, _refusal) = (0, "");
    }

    private async Task ReportAsync(int rate, int seconds)
    {
        using var room = new SemaphoreSlim(MostWaiting);
        long total = (long)rate * seconds;
        long begun = Stopwatch.GetTimestamp();
        for (long number = 0; number < total; number++)
        {
            TimeSpan ahead = TimeSpan.FromSeconds((double)number / rate) - Stopwatch.GetElapsedTime(begun);
            if (ahead > TimeSpan.FromMilliseconds(1))
                await Task.Delay(ahead);
            await room.WaitAsync();
            _ = ReportOneAsync(_sessions[(int)(number % _sessions.Count)], number, room);
        }

        for (int waiting = 0; waiting < MostWaiting; waiting++)
            await room.WaitAsync();
        double took = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        Say($"sent {total} answered {_answered} refused {_refused} s {took:F2} p50us {_latencies.Percentile(0.5) / 1000:F0} p99us {_latencies.Percentile(0.99) / 1000:F0} {_refusal}");
    }

    private async Task ReportOneAsync(ServiceMonitorProxy monitor, long number, SemaphoreSlim room)
    {
        long begun = Stopwatch.GetTimestamp();
        try
        {
            await monitor.ReportAsync(new StatusReport { Health = ServiceHealth.Healthy, Text = string.Create(CultureInfo.InvariantCulture, $"report {number}") });
            lock (_gate)
            {
                _answered++;
                _latencies.Record(Stopwatch.GetTimestamp() - begun);
            }
        }
        catch (IpcException e)
        {
            Refuse(e);
        }
        finally
        {
            room.Release();
        }
    }

    private async Task CloseAsync()
    {
        long begun = Stopwatch.GetTimestamp();
        await _endpoint.DisposeAsync();
        Say($"closed {_sessions.Count} ms {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:F0}");
    }

    private void Refuse(IpcException e)
    {
        lock (_gate)
        {
            _refused++;
            _refusal = e.Message;
        }
    }
}
