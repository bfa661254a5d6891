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

    [Fact]
    public async Task A_journal_that_cannot_be_written_is_said_everywhere_services_are_supervised_and_all_is_written_later()
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            [services.talker]
            command = ["/usr/bin/python3", "talk.py"]
            status_events = "0s"
            [alerts.file]
            command = ["sh", "-c", "cat >> {folder}/told"]
            on = ["monitor"]
            """).With("talk.py", """
            import os, socket, time
            s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            s.connect(os.environ['NOTIFY_SOCKET'])
            for n in range(1 << 30):
                s.send(b'STATUS=%d' % n)
                time.sleep(0.1)
            """);
        Directory.CreateDirectory(daemon.StateFolder);
        var mount = await Shell.RunAsync("mount", ["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", daemon.StateFolder]);
        Assert.SkipWhen(mount.ExitCode != 0, "no file system can be mounted here: " + mount.Errors);
        try
        {
            await daemon.UpAsync();
            using var web = Web.Of(daemon);
            var filler = Path.Combine(daemon.StateFolder, "filler");
            await Shell.RunAsync("dd", ["if=/dev/zero", $"of={filler}", "bs=4096"]);

            const string Said = "the journal cannot be written (";
            await Eventually.TrueAsync(async () => (await daemon.RunAsync("status")).Output.Contains(Said, StringComparison.Ordinal), () => "status says nothing\n" + daemon.Describe());
            Assert.Contains(Said, (await daemon.RunAsync("alert", "list")).MustSucceed().Output, StringComparison.Ordinal);
            var alert = (await web.GetAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray().Single();
            Assert.Equal(("monitor", "", "open"), (alert.GetProperty("rule").GetString(), alert.GetProperty("service").GetString(), alert.State()));
            await Eventually.TrueAsync(() => Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")).Contains(Said, StringComparison.Ordinal), "nobody was told");

            Processes.Kill((await daemon.RunningAsync("talker")).Pid());
            await daemon.RunningAsync("talker", 2);
            File.Delete(filler);
            await Eventually.TrueAsync(async () => !(await daemon.RunAsync("status")).Output.Contains(Said, StringComparison.Ordinal), () => "status still says it\n" + daemon.Describe());
            await daemon.EventAsync("service.died", "talker", 1);
            await daemon.EventAsync("service.started", "talker", 2);
            Assert.Empty((await web.GetAsync("/api/v1/alerts")).GetProperty("alerts").EnumerateArray());
            await Eventually.TrueAsync(
                () => Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")).Contains("\"state\":\"resolved\",\"service\":\"\"", StringComparison.Ordinal), "nobody was told that it is over");
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
