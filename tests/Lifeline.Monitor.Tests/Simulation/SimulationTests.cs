using System.Diagnostics;
using System.Globalization;

namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>
/// LIFELINE_SEED=N replays one seed and prints its trace. LIFELINE_SIMULATION_SEEDS and LIFELINE_SIMULATION_STEPS (per seed) make the
/// run longer: 1000 and 10000 are the ten million steps of a release.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int DefaultSeeds = 200;
    private const int DefaultSteps = 2_000;

    [Fact]
    public void No_invariant_breaks_whatever_dies()
    {
        var steps = Setting("LIFELINE_SIMULATION_STEPS", DefaultSteps);
        if (Environment.GetEnvironmentVariable("LIFELINE_SEED") is { Length: > 0 } only)
        {
            Assert.Null(Replay(int.Parse(only, CultureInfo.InvariantCulture), steps, print: true));
            return;
        }

        var seeds = Setting("LIFELINE_SIMULATION_SEEDS", DefaultSeeds);
        long total = 0, execs = 0, deaths = 0, replaced = 0, kept = 0, upgraded = 0;
        var failed = int.MaxValue;
        var clock = Stopwatch.StartNew();
        Parallel.For(1, seeds + 1, seed =>
        {
            var simulation = new Simulation(seed);
            if (Failure(simulation, steps) is not null) Lower(ref failed, seed);
            Interlocked.Add(ref total, simulation.World.Steps);
            Interlocked.Add(ref execs, simulation.Checker.Execs);
            Interlocked.Add(ref deaths, simulation.Checker.Deaths);
            Interlocked.Add(ref replaced, simulation.Checker.Replaced);
            Interlocked.Add(ref kept, simulation.Checker.ReplacementsFailed);
            if (simulation.Upgraded) Interlocked.Increment(ref upgraded);
        });
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{total} steps over {seeds} seeds in {clock.Elapsed.TotalSeconds:0.0} s ({total / clock.Elapsed.TotalSeconds:0} a second), {execs} processes, {deaths} deaths, {replaced} replaced with an overlap, {kept} not, {upgraded} upgrades in peace");
        output.WriteLine(text);
        TestContext.Current.SendDiagnosticMessage(text);
        if (failed != int.MaxValue) Assert.Fail(Replay(failed, steps, print: true) ?? "it did not fail again");
        Assert.True(deaths > seeds);
        Assert.True(upgraded > seeds / 20);
        Assert.True(replaced > seeds / 10 && kept > seeds / 10);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        var first = new Simulation(17, isTracing: true);
        var second = new Simulation(17, isTracing: true);
        first.Run(3_000);
        second.Run(3_000);
        Assert.Equal(first.World.Steps, second.World.Steps);
        Assert.Equal(first.World.TraceOf, second.World.TraceOf);
    }

    private string? Replay(int seed, int steps, bool print)
    {
        var simulation = new Simulation(seed, isTracing: true);
        var failure = Failure(simulation, steps);
        if (print)
        {
            foreach (var line in simulation.World.TraceOf)
                output.WriteLine(line);
        }

        return failure is null ? null : $"seed {seed} (LIFELINE_SEED={seed} replays it): {failure}";
    }

    private static string? Failure(Simulation simulation, int steps)
    {
        try
        {
            simulation.Run(steps);
            return null;
        }
        catch (InvariantBrokenException broken)
        {
            return broken.Message;
        }
    }

    private static void Lower(ref int lowest, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref lowest)) > value && Interlocked.CompareExchange(ref lowest, value, seen) != seen)
        {
        }
    }

    private static int Setting(string name, int ordinary) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : ordinary;
}
