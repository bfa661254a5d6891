using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>The state folder is a real file system of a few megabytes, and full.</summary>
public class FullDiskTests
{
    private const long Flood = 20_000_000;

    [Fact]
    public async Task Services_go_on_and_come_back_what_is_dropped_is_counted_and_told_and_memory_is_bounded()
    {
        await using var daemon = new Daemon($"""
            [services.flood]
            command = "while [ ! -e go ]; do sleep 0.1; done; yes 'a line of output that is dropped' | head -c {Flood}; exec sleep 1000"
            [services.other]
            command = ["sleep", "1000"]
            max_restarts = 100
            """);
        Directory.CreateDirectory(daemon.StateFolder);
        var mount = await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", daemon.StateFolder]);
        Assert.SkipWhen(mount.ExitCode != 0, "no file system can be mounted here: " + mount.Errors);
        try
        {
            var filler = Path.Combine(daemon.StateFolder, "filler");
            await File.WriteAllBytesAsync(filler, new byte[3 << 20]);
            await daemon.UpAsync();
            await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "go"), "");
            var flood = await daemon.ServiceAsync("flood", s => Log(s, "kept_bytes") + Log(s, "lost_bytes") >= Flood, "through with its output");
            Assert.True(Log(flood, "lost_bytes") > 0, flood.ToString());

            for (var kill = 0; kill < 5; kill++)
            {
                var running = await daemon.RunningAsync("other");
                Processes.Kill(running.Pid());
                await daemon.RunningAsync("other", running.Generation() + 1);
            }

            Assert.InRange(Processes.ResidentBytes(daemon.MonitorPid), 1, 200 << 20);
            File.Delete(filler);
            Assert.True((await daemon.EventAsync("log.lost", "flood")).Data().GetProperty("bytes").GetInt64() > 0);
            await daemon.ServiceAsync("flood", s => s.GetProperty("log").GetProperty("error").ValueKind == JsonValueKind.Null, "writing again");
            await Eventually.TrueAsync(
                async () => (await daemon.EventsAsync("--service", "other")).Count(e => e.Kind() == "service.died") == 5,
                () => "not five deaths in the journal: " + daemon.Describe());
            Assert.Contains("bytes of output were lost", (await daemon.RunAsync("logs", "flood", "-n", "5")).MustSucceed().Output);
        }
        finally
        {
            await daemon.RunAsync("down");
            await Shell.RunAsync("umount", ["-l", daemon.StateFolder]);
        }
    }

    private static long Log(JsonElement service, string name) =>
        service.GetProperty("log") is { ValueKind: JsonValueKind.Object } log ? log.GetProperty(name).GetInt64() : 0;
}
