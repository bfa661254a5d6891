using System.Globalization;
using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Many processes report as fast as they can; half of them are killed in between.</summary>
public class CrowdTests
{
    // More by LIFELINE_TEST_CROWD, on a machine with the memory for it.
    private static readonly int Crowd =
        int.TryParse(Environment.GetEnvironmentVariable("LIFELINE_TEST_CROWD"), CultureInfo.InvariantCulture, out var size) ? size : 40;

    [Fact]
    public async Task The_last_status_shown_of_each_dead_process_is_the_last_whose_report_returned()
    {
        var configuration = new System.Text.StringBuilder($"""
            [defaults]
            env = {"{"} {RoleStart.Variable} = "eager", {EagerReporter.NotesVariable} = "{"{folder}"}", DOTNET_TieredCompilation = "1" {"}"}
            inherit_env = ["PATH", "HOME", "DOTNET_ROOT"]
            command = [{RoleStart.Command}]
            restart = "never"

            """);
        for (var i = 0; i < Crowd; i++)
            configuration.AppendLine(CultureInfo.InvariantCulture, $"[services.c{i}]");
        await using var daemon = new Daemon(configuration.ToString());
        await daemon.UpAsync();
        var all = await AllAsync(daemon, services => services.All(s => s.StatusText() is not null), "all of them reporting");

        var memoryBefore = MemoryOf(daemon.MonitorPid);
        var victims = all.Where((_, i) => i % 2 == 0).Select(s => (Name: s.GetProperty("name").GetString()!, Pid: s.Pid())).ToList();
        foreach (var victim in victims)
            Processes.Kill(victim.Pid);
        var names = victims.Select(v => v.Name).ToHashSet();
        var after = await AllAsync(daemon, services => services.Count(s => s.State() == "failed") >= victims.Count, "half of them dead");

        foreach (var service in after.Where(s => names.Contains(s.GetProperty("name").GetString()!)))
        {
            var name = service.GetProperty("name").GetString()!;
            var returned = EagerReporter.LastReturned(daemon.Folder, name, 1);
            var shown = long.Parse(service.StatusText()!.Split(' ')[1], CultureInfo.InvariantCulture);
            // One more may be in the slot: the kill can fall between the return of a report and the note of it.
            Assert.InRange(shown, returned, returned + 1);
        }

        Assert.InRange(MemoryOf(daemon.MonitorPid), 0, memoryBefore + 100_000);
    }

    private static Task<JsonElement[]> AllAsync(Daemon daemon, Func<JsonElement[], bool> condition, string wish) =>
        Eventually.GetAsync(
            async () => await daemon.StatusAsync() is var services && condition(services) ? services : null,
            () => $"It never came to this: {wish}.",
            TimeSpan.FromMinutes(3));

    /// <summary>Resident memory in KiB.</summary>
    private static long MemoryOf(int pid)
    {
        var line = Daemon.ReadIfThere($"/proc/{pid}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
