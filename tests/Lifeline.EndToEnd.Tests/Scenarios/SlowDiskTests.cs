using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>The state folder is on a disk that takes less than a service writes.</summary>
public class SlowDiskTests
{
    private const int Lines = 300_000;
    private const int LineLength = 100;

    [Fact]
    public async Task A_service_waits_for_a_slow_disk_nothing_is_dropped_others_come_back_and_memory_is_bounded()
    {
        await using var daemon = new Daemon($$"""
            [services.flood]
            command = "while [ ! -e go ]; do sleep 0.1; done; seq -f '%099.0f' {{Lines}}; touch through; exec sleep 1000"
            log = { max_size = "100MiB" }
            [services.other]
            command = ["sleep", "1000"]
            max_restarts = 100
            """);
        await using var disk = await SlowDisk.MountAsync(daemon.StateFolder, megabytes: 128, bytesPerSecond: 1 << 20);
        try
        {
            await daemon.UpAsync();
            await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "go"), "");
            await daemon.ServiceAsync("flood", s => Log(s, "kept_bytes") > 0, "writing");
            for (var kill = 1; kill <= 3; kill++)
            {
                Processes.Kill((await daemon.RunningAsync("other", kill)).Pid());
                await daemon.RunningAsync("other", kill + 1);
            }

            // Half a minute's worth for this disk: the service is held up and goes on as the disk takes it.
            Assert.False(File.Exists(Path.Combine(daemon.Folder, "through")), "The disk was not slow.");
            Assert.InRange(Processes.ResidentBytes(daemon.MonitorPid), 1, 200 << 20);
            await disk.ReleaseAsync();

            var flood = await daemon.ServiceAsync("flood", s => Log(s, "kept_bytes") + Log(s, "lost_bytes") >= Lines * LineLength, "through with its output");
            Assert.Equal((Lines * (long)LineLength, 0L), (Log(flood, "kept_bytes"), Log(flood, "lost_bytes")));
            Assert.Equal(1, flood.Generation());
            var lines = await File.ReadAllLinesAsync(Path.Combine(daemon.StateFolder, "logs/flood/stdout.log"));
            Assert.Equal(Enumerable.Range(1, Lines), lines.Select(int.Parse));
        }
        finally
        {
            await disk.ReleaseAsync();
            await daemon.RunAsync("down");
        }
    }

    private static long Log(JsonElement service, string name) =>
        service.GetProperty("log") is { ValueKind: JsonValueKind.Object } log ? log.GetProperty(name).GetInt64() : 0;
}
