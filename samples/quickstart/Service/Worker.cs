using System.Diagnostics;
using Lifeline.Client;
using Lifeline.Contracts;

namespace Quickstart;

/// <summary>Pretends to serve a queue, and reports how that goes five times a second. One that breaks down feels it coming, and dies of it after 15 to 25 seconds.</summary>
internal sealed class Worker(string name, StatusReporter reporter, bool breaksDown)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(200);

    private readonly int _lastTurn = breaksDown ? Random.Shared.Next(75, 125) : int.MaxValue;
    private readonly Dictionary<string, StatusValue> _fields = [];
    private int _queue;
    private int _served;

    public async Task RunAsync(CancellationToken stop)
    {
        reporter.Report(ServiceHealth.Healthy, "warming up", ready: false);
        using var timer = new PeriodicTimer(Turn);
        try
        {
            for (var turn = 1; await timer.WaitForNextTickAsync(stop); turn++)
            {
                Serve();
                if (turn == _lastTurn)
                    BreakDown();
                // Ready after one second: until then `lifeline status` says "starting".
                Report(turn, ready: turn >= 5);
            }
        }
        catch (OperationCanceledException)
        {
            reporter.Report(ServiceHealth.Healthy, "stopping");
        }
    }

    private void Serve()
    {
        _queue += Random.Shared.Next(0, 4);
        var done = Math.Min(_queue, Random.Shared.Next(0, 4));
        _queue -= done;
        _served += done;
    }

    private void Report(int turn, bool ready)
    {
        var wear = breaksDown ? 100 * turn / _lastTurn : 0;
        _fields["queue"] = _queue;
        _fields["served"] = _served;
        if (breaksDown)
            _fields["wear"] = wear;
        if (wear >= 70)
            reporter.Report(ServiceHealth.Degraded, $"queue {_queue}, worn out", wear, _fields, ready);
        else
            reporter.Report(ServiceHealth.Healthy, $"queue {_queue}", 0, _fields, ready);
    }

    private void BreakDown()
    {
        reporter.Report(ServiceHealth.Unhealthy, "breaking down");
        if (Random.Shared.Next(2) == 0)
        {
            Console.Error.WriteLine($"{name}: exits with code 3");
            Environment.Exit(3);
        }

        Console.Error.WriteLine($"{name}: kills itself");
        Process.GetCurrentProcess().Kill();
    }
}
