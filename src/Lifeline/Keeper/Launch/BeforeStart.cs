using System.Globalization;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>How a command before the start ended.</summary>
/// <param name="FailedAt">Null if it succeeded.</param>
/// <param name="Text">For people: why it failed.</param>
/// <param name="Nanoseconds">How long it took.</param>
internal readonly record struct BeforeStartOutcome(LaunchStep? FailedAt, string Text, long Nanoseconds);

/// <summary>The command that must succeed before a service is executed: a child of its launcher, which is all that the service will be by then.</summary>
internal sealed class BeforeStart(UnixSocket keeper, string[] command, TimeSpan limit)
{
    private const int EndWaitMilliseconds = 3000;

    private string Name => $"before_start ('{string.Join(' ', command)}')";

    /// <summary>Runs it to its end.</summary>
    /// <param name="path">The program.</param>
    /// <param name="environment">Its whole environment.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    public BeforeStartOutcome Run(string path, string[] environment)
    {
        long startedAt = MonotonicClock.Nanoseconds;
        using SpawnedProcess process = ProcessSpawner.Spawn(new SpawnRequest { Path = path, Arguments = command, Environment = environment });
        bool inTime = Wait(process.PidFd, startedAt + KeeperTiming.Nanoseconds(limit));
        long took = MonotonicClock.Nanoseconds - startedAt;
        if (!inTime)
        {
            process.PidFd.TrySignal(Signals.Kill);
            Poller.IsReady(process.PidFd, PollEvents.In, EndWaitMilliseconds);
            string late = string.Create(CultureInfo.InvariantCulture, $"{Name} was not done within {limit.TotalSeconds:0.###} s (ready_timeout) and was killed");
            return new BeforeStartOutcome(LaunchStep.BeforeStartTimeout, late, took);
        }

        return process.PidFd.TryReap() switch
        {
            { ExitCode: 0 } => new BeforeStartOutcome(null, "", took),
            { ExitCode: { } code } => new BeforeStartOutcome(LaunchStep.BeforeStart, string.Create(CultureInfo.InvariantCulture, $"{Name} failed with exit code {code}"), took),
            { Signal: { } signal } => new BeforeStartOutcome(LaunchStep.BeforeStart, $"{Name} was ended by SIG{Signals.NameOf(signal)}", took),
            _ => new BeforeStartOutcome(LaunchStep.BeforeStart, $"{Name} ended and nobody knows how", took),
        };
    }

    // False when its time is over. A keeper that is gone ends all: nobody would know of the service.
    private bool Wait(PidFd process, long deadline)
    {
        Span<PollItem> items = [default, default];
        while (true)
        {
            items[0] = new PollItem(process, PollEvents.In);
            items[1] = new PollItem(keeper, PollEvents.In);
            long left = deadline - MonotonicClock.Nanoseconds;
            if (left <= 0) return process.HasExited;
            Poller.Poll(items, (int)Math.Min((left / 1_000_000) + 1, int.MaxValue));
            if (items[0].Returned != 0) return true;
            if (items[1].Returned == 0) continue;
            process.TrySignal(Signals.Kill);
            CurrentProcess.Exit(0);
        }
    }
}
