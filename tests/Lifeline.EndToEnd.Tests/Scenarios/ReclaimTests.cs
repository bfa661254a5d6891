using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

public class ReclaimTests
{
    // Refuses to start on a socket or a lock that is left, as many programs do.
    private const string Strict = """
        import os, socket, sys, time
        os.close(os.open("own.lock", os.O_CREAT | os.O_EXCL))
        l = open("own.lock", "w")
        s = socket.socket(socket.AF_UNIX); s.bind("socket"); s.close()
        os.unlink("socket")
        s = socket.socket(socket.AF_UNIX); s.bind(os.path.abspath("socket")); s.listen()
        time.sleep(1000)
        """;

    [Fact]
    public async Task A_service_that_does_not_start_over_its_own_leftovers_comes_back_after_a_kill()
    {
        await using var daemon = new Daemon("""
            [services.strict]
            command = ["python3", "strict.py"]
            max_restarts = 1000
            """);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "strict.py"), Strict);
        await daemon.UpAsync();

        // A generation that is killed before it is looked at leaves its things; then a person removes them, and the next one is looked at.
        await Eventually.TrueAsync(async () =>
        {
            // The first look comes half a second after it is ready.
            await daemon.RunningAsync("strict");
            var running = await daemon.ServiceAsync("strict", s => s.State() != "running" || TimeProvider.System.GetUtcNow() - s.GetProperty("started_at").GetDateTimeOffset() > TimeSpan.FromSeconds(3), "running for a while");
            if (running.State() != "running")
                return false;
            if (!File.Exists(Path.Combine(daemon.Folder, "socket")))
            {
                File.Delete(Path.Combine(daemon.Folder, "own.lock"));
                return false;
            }

            Processes.Kill(running.Pid());
            var reclaimed = await daemon.EventAsync("service.reclaimed", "strict", running.Generation());
            var removed = reclaimed.Data().GetProperty("steps").EnumerateArray()
                .Where(s => s.GetProperty("outcome").GetString() == "removed").Select(s => Path.GetFileName(s.GetProperty("what").GetString())).ToList();
            if (removed.Contains("socket") && removed.Contains("own.lock"))
                return true;
            File.Delete(Path.Combine(daemon.Folder, "socket"));
            File.Delete(Path.Combine(daemon.Folder, "own.lock"));
            return false;
        }, () => "no generation was killed after a look: " + daemon.Describe());
    }

    [Fact]
    public async Task A_port_that_a_stranger_holds_is_named_in_the_event_of_the_reclaim()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        await using var daemon = new Daemon($$"""
            [services.web]
            command = ["sleep", "1000"]
            [services.web.probe]
            tcp = "127.0.0.1:{{port}}"
            interval = "1h"
            """);
        await daemon.UpAsync();
        var first = await daemon.RunningAsync("web");
        Processes.Kill(first.Pid());
        var reclaimed = await daemon.EventAsync("service.reclaimed", "web", first.Generation());
        var step = reclaimed.Data().GetProperty("steps").EnumerateArray().Single(s => s.GetProperty("kind").GetString() == "port");
        Assert.Equal(($"127.0.0.1:{port}", "kept"), (step.GetProperty("what").GetString(), step.GetProperty("outcome").GetString()));
        Assert.Contains($"process {Environment.ProcessId} (", step.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_service_that_forks_without_end_is_killed_whole_before_the_next_generation_starts()
    {
        await using var daemon = new Daemon("""
            [services.bomb]
            command = "[ ! -e second ] || exec sleep 1000; for i in $(seq 30); do (for j in $(seq 20); do sleep 999 & sleep 0.02; done; exec sleep 999) & sleep 0.02; done; while :; do (sleep 1 &); sleep 0.01; done"
            """);
        await daemon.UpAsync();
        var first = await daemon.RunningAsync("bomb");
        await daemon.ServiceAsync("bomb", s => s.GetProperty("processes").ValueKind == JsonValueKind.Number && s.GetProperty("processes").GetInt32() > 100, "forking");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "second"), "");
        Processes.Kill(first.Pid());
        var second = await daemon.RunningAsync("bomb", first.Generation() + 1);
        Assert.Equal(1, (await daemon.ServiceAsync("bomb", s => s.GetProperty("processes").ValueKind == JsonValueKind.Number, "counted")).GetProperty("processes").GetInt32());
        var reclaimed = await daemon.EventAsync("service.reclaimed", "bomb", first.Generation());
        Assert.True(reclaimed.Data().GetProperty("tree_empty").GetBoolean());
        Assert.NotEqual(first.Pid(), second.Pid());
    }
}
