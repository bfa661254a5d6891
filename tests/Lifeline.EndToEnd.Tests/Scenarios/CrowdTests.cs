using System.Globalization;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Many processes report as fast as they can; half of them are killed in between.</summary>
public class CrowdTests
{
    private const int Crowd = 40;

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
        for (var i = 0; i < Crowd; i++)
            await daemon.ServiceAsync($"c{i}", s => s.StatusText() is not null, "reporting");

        var memoryBefore = MemoryOf(daemon.MonitorPid);
        var victims = (await daemon.StatusAsync()).Where((_, i) => i % 2 == 0).Select(s => (Name: s.GetProperty("name").GetString()!, Pid: s.Pid())).ToList();
        foreach (var victim in victims)
            Processes.Kill(victim.Pid);

        foreach (var victim in victims)
        {
            var service = await daemon.ServiceAsync(victim.Name, s => s.State() is "failed" or "exited" or "stopped", "dead");
            var returned = EagerReporter.LastReturned(daemon.Folder, victim.Name, 1);
            var shown = long.Parse(service.StatusText()!.Split(' ')[1], CultureInfo.InvariantCulture);
            // One more may be in the slot: the kill can fall between the return of a report and the note of it.
            Assert.InRange(shown, returned, returned + 1);
        }

        Assert.InRange(MemoryOf(daemon.MonitorPid), 0, memoryBefore + 100_000);
    }

    /// <summary>Resident memory in KiB.</summary>
    private static long MemoryOf(int pid)
    {
        var line = Daemon.ReadIfThere($"/proc/{pid}/status").Split('\n').FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
