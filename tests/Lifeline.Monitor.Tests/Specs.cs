namespace Lifeline.Monitor.Tests;

/// <summary>Services as tests need them: named "a", without chance.</summary>
internal static class Specs
{
    public static ServiceSpec Service(string name = "a") => new()
    {
        Name = name,
        Backoff = new() { Jitter = 0 },
    };

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static MonitorConfiguration With(params ServiceSpec[] services) => new(services, []);

    public static InstanceReport Alive(string service = "a", int generation = 1, int pid = 4711) =>
        new(service, generation, InstancePresence.Alive) { Pid = pid, StartTicks = 77 };
}
