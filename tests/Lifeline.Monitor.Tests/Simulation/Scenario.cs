namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>Random services and alert channels.</summary>
internal static class Scenario
{
    public static MonitorConfiguration Choose(World world)
    {
        var services = new List<ServiceSpec>();
        var count = 1 + world.Next(5);
        var related = world.Chance(0.6);
        for (var i = 0; i < count; i++)
        {
            var beneath = services.Where(_ => related && world.Chance(0.5)).Select(spec => spec.Name).ToArray();
            var overlaps = world.Chance(0.4);
            services.Insert(world.Next(services.Count + 1), Service(world, $"s{i}") with
            {
                DependsOn = beneath,
                Overlaps = overlaps,
                Group = !overlaps && world.Chance(0.6) ? $"g{world.Next(2)}" : null,
            });
        }

        return new(services, [
            new AlertSpec { Name = "all", Throttle = TimeSpan.FromSeconds(world.Next(3)) },
            new AlertSpec { Name = "some", On = [AlertRule.Failed, AlertRule.Unhealthy], Services = ["s[0-1]"] },
            new AlertSpec { Name = "patient", On = Enum.GetValues<AlertRule>(), For = TimeSpan.FromMilliseconds(world.Next(2_000)), Throttle = TimeSpan.FromMilliseconds(world.Next(500)) },
        ])
        {
            ShutdownTimeout = TimeSpan.FromMilliseconds(50 + world.Next(1_000)),
            Groups = world.Chance(0.4) ? [] : [Group(world, "g0"), Group(world, "g1")],
        };
    }

    private static GroupSpec Group(World world, string name) => new()
    {
        Name = name,
        Strategy = (GroupStrategy)world.Next(3),
        MaxRestarts = world.Next(8),
        RestartWindow = TimeSpan.FromMilliseconds(500 + world.Next(10_000)),
    };

    // A service that becomes ready by a probe has one: anything else is refused at load.
    private static ServiceSpec Service(World world, string name) =>
        Draw(world, name) is var spec && spec.Ready == ReadyWhen.Probe ? spec with { Probe = spec.Probe ?? Probe(world) } : spec;

    private static ServiceSpec Draw(World world, string name) => new()
    {
        Name = name,
        Autostart = world.Chance(0.8),
        Ready = (ReadyWhen)world.Next(3),
        ReadyTimeout = TimeSpan.FromMilliseconds(300 + world.Next(2_000)),
        Heartbeat = world.Chance(0.6) ? TimeSpan.FromMilliseconds(500 + world.Next(1_000)) : null,
        StatusEvents = TimeSpan.FromMilliseconds(world.Next(500)),
        Probe = world.Chance(0.5) ? Probe(world) : null,
        ReadyProbe = world.Chance(0.3) ? Probe(world) : null,
        HungGrace = TimeSpan.FromMilliseconds(world.Next(500)),
        Restart = (RestartWhen)(world.Chance(0.7) ? 0 : 1 + world.Next(2)),
        SuccessExitCodes = [0, 3],
        Backoff = new()
        {
            Initial = TimeSpan.FromMilliseconds(world.Next(200)),
            Max = TimeSpan.FromSeconds(2),
            ResetAfter = TimeSpan.FromMilliseconds(500 + world.Next(5_000)),
        },
        MaxRestarts = world.Next(8),
        RestartWindow = TimeSpan.FromMilliseconds(500 + world.Next(10_000)),
        FailedRetry = world.Chance(0.8) ? TimeSpan.FromMilliseconds(200 + world.Next(2_000)) : null,
        StopTimeout = TimeSpan.FromMilliseconds(world.Next(3_000)),
        ReclaimTimeout = TimeSpan.FromSeconds(2),
    };

    private static ProbeSpec Probe(World world) => new()
    {
        Failures = 1 + world.Next(3),
        Successes = 1 + world.Next(2),
        Restarts = world.Chance(0.5),
        Key = $"k{world.Next(3)}",
    };
}
