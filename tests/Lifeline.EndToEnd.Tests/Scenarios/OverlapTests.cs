using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Restarts with an overlap: the new one serves before the old one is asked to stop.</summary>
public class OverlapTests
{
    private const int Restarts = 4;

    [Fact]
    public async Task No_connection_is_refused_and_no_answer_lost_over_restarts_with_an_overlap()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port));
        await daemon.UpAsync();
        using var enough = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskOnAsync(port, enough.Token))).ToList();
        for (var generation = 2; generation <= Restarts + 1; generation++)
        {
            (await daemon.RunAsync("restart", "web")).MustSucceed();
            var service = await daemon.RunningAsync("web", generation);
            Assert.Equal(generation, service.GetProperty("generation").GetInt32());
        }

        await daemon.ServiceAsync("web", s => s.GetProperty("replacing").ValueKind == System.Text.Json.JsonValueKind.Null, "alone again");
        await enough.CancelAsync();
        var answers = (await Task.WhenAll(clients)).SelectMany(a => a).ToList();
        Assert.All(answers, answer => Assert.StartsWith("web ", answer, StringComparison.Ordinal));
        Assert.Contains($"web {Restarts + 1}", answers.Append(await AskAsync(port)));
        // Each was asked to stop only when the one after it was ready.
        var events = await daemon.EventsAsync("--service", "web");
        for (var generation = 2; generation <= Restarts + 1; generation++)
            Assert.True(IndexOf(events, "service.ready", generation) < IndexOf(events, "service.stopping", generation - 1));
    }

    [Fact]
    public async Task A_service_whose_keeper_and_monitor_died_together_is_replaced_with_an_overlap_too()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port));
        await daemon.UpAsync();
        await daemon.KillBothAsync();
        await daemon.UpAsync();
        await daemon.RunningAsync("web", 1);
        (await daemon.RunAsync("restart", "web")).MustSucceed();
        await daemon.RunningAsync("web", 2);
        // Until then the one that ends may still accept.
        await daemon.ServiceAsync("web", s => s.GetProperty("replacing").ValueKind == System.Text.Json.JsonValueKind.Null, "alone again");
        Assert.Equal("web 2", await AskAsync(port));
    }

    [Fact]
    public async Task A_broken_new_version_leaves_the_old_one_serving_and_is_told()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port));
        await daemon.UpAsync();
        var before = await daemon.RunningAsync("web");
        File.WriteAllText(daemon.ConfigurationFile, Web(port, $", {Overlapping.Broken} = \"1\""));
        (await daemon.RunAsync("reload")).MustSucceed();
        await daemon.EventAsync("service.replacement_failed", "web", 2);
        await daemon.EventAsync("alert.raised", "web");
        Assert.Equal("web 1", await AskAsync(port));
        var order = await daemon.RunAsync("restart", "web");
        Assert.Equal(1, order.ExitCode);
        Assert.Contains("did not take over: exit code 3", order.Errors, StringComparison.Ordinal);
        var after = await daemon.RunningAsync("web");
        Assert.Equal((before.Pid(), 1), (after.Pid(), after.GetProperty("generation").GetInt32()));
        Assert.Equal("web 1", await AskAsync(port));
        File.WriteAllText(daemon.ConfigurationFile, Web(port));
        (await daemon.RunAsync("reload")).MustSucceed();
        (await daemon.RunAsync("restart", "web")).MustSucceed();
        await daemon.EventAsync("alert.resolved", "web");
        Assert.StartsWith("web ", await AskAsync(port), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Both_generations_outlive_a_killed_monitor_and_one_of_them_stays()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port));
        await daemon.UpAsync();
        (await daemon.RunAsync("restart", "web")).MustSucceed();
        Processes.Kill(daemon.MonitorPid);
        var service = await daemon.ServiceAsync("web", s => s.State() == "running" && s.GetProperty("replacing").ValueKind == System.Text.Json.JsonValueKind.Null, "alone again");
        Assert.Equal(2, service.GetProperty("generation").GetInt32());
        Assert.Equal("web 2", await AskAsync(port));
        (await daemon.RunAsync("restart", "web")).MustSucceed();
        Assert.Equal(3, (await daemon.RunningAsync("web", 3)).GetProperty("generation").GetInt32());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_replacement_that_is_still_coming_up_takes_over_whoever_was_killed_meanwhile(bool monitor, bool keeper)
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port, $", {Overlapping.Hold} = \"{{folder}}/hold\""));
        await daemon.UpAsync();
        var old = await daemon.RunningAsync("web");
        var hold = Path.Combine(daemon.Folder, "hold");
        File.WriteAllText(hold, "");
        // Taken at once, though nothing is ready for as long as the file is there.
        (await daemon.RunAsync("restart", "web", "--no-wait")).MustSucceed();
        var order = daemon.RunAsync("restart", "web");
        var next = (await daemon.EventAsync("service.started", "web", 2)).Data().GetProperty("pid").GetInt32();

        var killed = ((bool Dies, int Pid)[])[(keeper, daemon.KeeperPid), (monitor, daemon.MonitorPid)];
        // Frozen first: of two that die, one would start the other again.
        foreach (var (_, pid) in killed.Where(one => one.Dies))
            Processes.Kill(pid, Processes.Stop);
        foreach (var (_, pid) in killed.Where(one => one.Dies))
            Processes.Kill(pid);
        foreach (var (_, pid) in killed.Where(one => one.Dies))
            await Processes.GoneAsync(pid);
        if (monitor && keeper)
            await daemon.UpAsync();
        await daemon.ServiceAsync("web", s => s.State() == "running" && s.Pid() == old.Pid() && s.GetProperty("replacing").ValueKind != System.Text.Json.JsonValueKind.Null, "still being replaced");
        Assert.Equal("web 1", await AskAsync(port));
        File.Delete(hold);

        var service = await daemon.ServiceAsync("web", s => s.State() == "running" && s.Generation() == 2 && s.GetProperty("replacing").ValueKind == System.Text.Json.JsonValueKind.Null, "alone again");
        Assert.Equal(next, service.Pid());
        Assert.Equal("web 2", await AskAsync(port));
        await Processes.GoneAsync(old.Pid());
        await order;
        var events = await daemon.EventsAsync("--service", "web");
        Assert.Equal([1, 2], events.Where(e => e.Kind() == "service.started").Select(e => e.Generation()));
        Assert.True(IndexOf(events, "service.ready", 2) < IndexOf(events, "service.stopping", 1));
    }

    [Fact]
    public async Task Lines_of_two_generations_that_write_at_once_stay_whole()
    {
        var more = $", {Overlapping.Hold} = \"{{folder}}/hold\", {Overlapping.Talk} = \"{{folder}}/talk\"";
        await using var daemon = new Daemon(Web(ServerProcess.FreePort(), more, "log = { max_size = \"50MiB\" }"));
        await daemon.UpAsync();
        await daemon.RunningAsync("web");
        var hold = Path.Combine(daemon.Folder, "hold");
        var talk = Path.Combine(daemon.Folder, "talk");
        File.WriteAllText(hold, "");
        (await daemon.RunAsync("restart", "web", "--no-wait")).MustSucceed();
        await daemon.EventAsync("service.started", "web", 2);
        File.WriteAllText(talk, "");
        await Eventually.TrueAsync(() => File.Exists(Overlapping.Talked(talk, 1)) && File.Exists(Overlapping.Talked(talk, 2)), "Not all lines were written.");
        File.Delete(hold);
        await daemon.ServiceAsync("web", s => s.State() == "running" && s.Generation() == 2 && s.GetProperty("replacing").ValueKind == System.Text.Json.JsonValueKind.Null, "alone again");

        // What was written before the old one ended is in its file by now.
        (await daemon.RunAsync("stop", "web")).MustSucceed();
        var lines = File.ReadAllLines(Path.Combine(daemon.StateFolder, "logs", "web", "stdout.log"));
        foreach (var generation in (int[])[1, 2])
            Assert.Equal(Enumerable.Range(0, Overlapping.Lines).Select(number => Overlapping.Line(generation, number)), lines.Where(line => line.Contains((char)('a' + generation))));
        Assert.Equal(2 * Overlapping.Lines, lines.Length);
    }

    private static int IndexOf(System.Text.Json.JsonElement[] events, string kind, int generation) =>
        Array.FindIndex(events, e => e.GetProperty("kind").GetString() == kind && e.GetProperty("generation").GetInt32() == generation) is var index and >= 0
            ? index
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"There is no {kind} of generation {generation}."));

    private static string Web(int port, string more = "", string keys = "") => $$"""
        [services.web]
        command = [{{RoleStart.Command}}]
        env = { {{RoleStart.Variable}} = "overlapping"{{more}} }
        listen.http.tcp = "127.0.0.1:{{port}}"
        ready = "status"
        ready_timeout = "5m"
        update = "overlap"
        {{keys}}

        [alerts.note]
        command = ["true"]
        """;

    private static async Task<List<string>> AskOnAsync(int port, CancellationToken enough)
    {
        var answers = new List<string>();
        while (!enough.IsCancellationRequested)
            answers.Add(await AskAsync(port));
        return answers;
    }

    // Refused or cut off: an exception.
    private static async Task<string> AskAsync(int port)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), patience.Token);
        var buffer = new byte[64];
        return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
    }
}
