using System.Net;
using System.Net.Sockets;
using System.Text;
using Lifeline.EndToEnd.Tests.Harness;
using Lifeline.EndToEnd.Tests.Roles;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Listening sockets that outlive their services.</summary>
public class ListenTests
{
    [Fact]
    public async Task No_connection_is_refused_while_the_service_is_killed_again_and_again()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port, "max_restarts = 100"));
        await daemon.UpAsync();
        Assert.Equal("web 1", await AskAsync(port));
        var kills = 0;
        for (var i = 0; i < 100; i++)
        {
            if (i % 20 == 10)
            {
                var service = await daemon.RunningAsync("web", ++kills);
                Processes.Kill(service.Pid());
            }

            // One that was accepted by the killed one may end without an answer; refused is none.
            await AskAsync(port);
        }

        Assert.Equal(5, kills);
        await daemon.RunningAsync("web", 6);
        Assert.Equal("web 6", await AskAsync(port));
    }

    [Fact]
    public async Task A_connection_made_while_nothing_runs_is_served_by_the_next_generation()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port, "backoff = { initial = \"20s\", max = \"20s\" }"));
        await daemon.UpAsync();
        // The second death in a row is followed by a wait.
        for (var generation = 1; generation <= 2; generation++)
            Processes.Kill((await daemon.RunningAsync("web", generation)).Pid());
        await daemon.ServiceAsync("web", s => s.State() == "backoff", "waiting for its next start");
        Assert.Equal("web 3", await AskAsync(port));
    }

    [Fact]
    public async Task The_socket_outlives_monitor_and_keeper_and_goes_with_a_stop()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port));
        await daemon.UpAsync();
        Processes.Kill(daemon.MonitorPid);
        await daemon.EventAsync("service.adopted", "web");
        Processes.Kill((await daemon.RunningAsync("web")).Pid());
        await daemon.RunningAsync("web", 2);
        Assert.Equal("web 2", await AskAsync(port));
        var keeper = daemon.KeeperPid;
        Processes.Kill(keeper);
        await Eventually.TrueAsync(() => daemon.KeeperPid is var pid && pid != 0 && pid != keeper, "No new keeper came.");
        Processes.Kill((await daemon.RunningAsync("web", 2)).Pid());
        await daemon.RunningAsync("web", 3);
        Assert.Equal("web 3", await AskAsync(port));
        (await daemon.RunAsync("stop", "web")).MustSucceed();
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(port));
        (await daemon.RunAsync("start", "web")).MustSucceed();
        Assert.Equal("web 4", await AskAsync(port));
    }

    [Fact]
    public async Task It_is_taken_back_from_the_service_when_monitor_and_keeper_died_together()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port, "backoff = { initial = \"20s\", max = \"20s\" }"));
        await daemon.UpAsync();
        await daemon.KillBothAsync();
        await daemon.UpAsync();
        var service = await daemon.RunningAsync("web", 1);
        Assert.Equal("web 1", await AskAsync(port));
        // The second death in a row is followed by a wait, in which nobody but the keeper can have it.
        Processes.Kill(service.Pid());
        Processes.Kill((await daemon.RunningAsync("web", 2)).Pid());
        await daemon.ServiceAsync("web", s => s.State() == "backoff", "waiting for its next start");
        Assert.Equal("web 3", await AskAsync(port));
    }

    [Fact]
    public async Task Instances_share_one_socket()
    {
        var port = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(port, "instances = 2"));
        await daemon.UpAsync();
        var seen = new HashSet<string>();
        await Eventually.TrueAsync(async () =>
        {
            seen.Add(await AskAsync(port));
            return seen.Count == 2;
        }, () => $"Only these answered: {string.Join(", ", seen)}");
        (await daemon.RunAsync("stop", "web.1")).MustSucceed();
        Assert.Equal("web.2 1", await AskAsync(port));
    }

    [Fact]
    public async Task An_address_in_use_says_by_whom()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var daemon = new Daemon(Web(port, "restart = \"never\""));
        var up = await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        Assert.Equal(1, up.ExitCode);
        var died = await daemon.EventAsync("service.died", "web");
        Assert.Contains($"127.0.0.1:{port} is in use by process {Environment.ProcessId}", died.Data().GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_is_served_too_and_made_again_when_somebody_removed_it()
    {
        await using var daemon = new Daemon($$"""
            [services.web]
            command = [{{RoleStart.Command}}]
            env = { {{RoleStart.Variable}} = "listening" }
            listen.http.unix = "{folder}/web.sock"
            """);
        await daemon.UpAsync();
        var path = Path.Combine(daemon.Folder, "web.sock");
        Assert.Equal("web 1", await AskAsync(new UnixDomainSocketEndPoint(path)));
        File.Delete(path);
        Processes.Kill((await daemon.RunningAsync("web")).Pid());
        await daemon.RunningAsync("web", 2);
        Assert.Equal("web 2", await AskAsync(new UnixDomainSocketEndPoint(path)));
        (await daemon.RunAsync("stop", "web")).MustSucceed();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_reload_moves_the_socket_and_the_service_gets_all_of_them_by_name()
    {
        int before = ServerProcess.FreePort(), after = ServerProcess.FreePort();
        await using var daemon = new Daemon(Web(before));
        await daemon.UpAsync();
        Assert.Equal("web 1", await AskAsync(before));
        File.WriteAllText(daemon.ConfigurationFile, Web(after, $"listen.metrics.udp = \"127.0.0.1:{after}\""));
        (await daemon.RunAsync("reload")).MustSucceed();
        var service = await daemon.RunningAsync("web", 2);
        Assert.Equal("web 2", await AskAsync(after));
        await Assert.ThrowsAsync<SocketException>(() => AskAsync(before));
        var environment = Daemon.ReadIfThere($"/proc/{service.Pid()}/environ").Split('\0');
        Assert.Contains("LISTEN_FDS=2", environment);
        Assert.Contains("LISTEN_FDNAMES=http:metrics", environment);
        Assert.Contains($"LISTEN_PID={service.Pid()}", environment);
    }

    private static string Web(int port, string more = "") => $$"""
        [services.web]
        command = [{{RoleStart.Command}}]
        env = { {{RoleStart.Variable}} = "listening" }
        listen.http.tcp = "127.0.0.1:{{port}}"
        {{more}}
        """;

    private static Task<string> AskAsync(int port) => AskAsync(new IPEndPoint(IPAddress.Loopback, port));

    // Refused: an exception. Accepted and ended without an answer: "".
    private static async Task<string> AskAsync(EndPoint address)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address, patience.Token);
        var buffer = new byte[64];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer, patience.Token));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }
}
