using System.Net;
using System.Net.Sockets;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Programs made for systemd, as Debian has them, without a change. <c>./test</c> installs them.</summary>
public class ProgramTests
{
    [Fact]
    public async Task An_unmodified_dotnet_worker_is_ready()
    {
        await using var daemon = new Daemon("") { ConfigurationFile = Path.Combine(Places.Repository, "samples/SystemdWorker/lifeline.toml") };
        (await daemon.RunAsync("up", "-d", daemon.ConfigurationFile, "--http", "off")).MustSucceed();
        await daemon.EventAsync("service.ready", "worker");
        // Its output is in the form that systemd's journal reads: a level before each line.
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "worker")).Output.Contains("<4>Worker", StringComparison.Ordinal), () => daemon.Describe());
        (await daemon.RunAsync("stop", "worker")).MustSucceed();
        var died = await daemon.EventAsync("service.died", "worker");
        Assert.Equal("stopped", died.Data().GetProperty("reason").GetString());
        Assert.Equal(0, died.Data().GetProperty("exit_code").GetInt32());
    }

    [Fact]
    public async Task Redis_is_ready_says_so_and_stops_in_order()
    {
        await using var daemon = new Daemon("""
            [services.redis]
            ready = "status"
            command = ["redis-server", "--supervised", "systemd", "--port", "0", "--unixsocket", "{folder}/redis.sock", "--save", ""]
            """);
        await daemon.UpAsync();
        await daemon.ServiceAsync("redis", s => s.State() == "running" && s.StatusText() == "Ready to accept connections", "ready");
        (await daemon.RunAsync("stop", "redis")).MustSucceed();
        var died = await daemon.EventAsync("service.died", "redis");
        Assert.Equal(("stopped", 0), (died.Data().GetProperty("reason").GetString(), died.Data().GetProperty("exit_code").GetInt32()));
    }

    [Fact]
    public async Task Redis_that_ends_by_itself_is_started_again()
    {
        await using var daemon = new Daemon("""
            [services.redis]
            ready = "status"
            command = ["redis-server", "--supervised", "systemd", "--port", "0", "--unixsocket", "{folder}/redis.sock", "--save", ""]
            """);
        await daemon.UpAsync();
        (await daemon.RunAsync("kill", "-s", "TERM", "redis")).MustSucceed();
        await daemon.RunningAsync("redis", 2);
        var stopping = await daemon.EventAsync("service.stopping", "redis", 1);
        Assert.Equal("itself", stopping.Data().GetProperty("cause").GetString());
        Assert.Equal("exited", (await daemon.EventAsync("service.died", "redis", 1)).Data().GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Haproxy_is_ready_and_reloads_without_a_new_process()
    {
        await using var daemon = new Daemon("""
            [services.haproxy]
            ready = "status"
            reload_signal = "USR2"
            command = ["haproxy", "-Ws", "-f", "{folder}/haproxy.cfg"]
            """);
        File.WriteAllText(Path.Combine(daemon.Folder, "haproxy.cfg"), $"""
            defaults
              mode http
              timeout client 5s
              timeout connect 5s
              timeout server 5s
            frontend all
              bind unix@{daemon.Folder}/haproxy.sock
              http-request return status 200

            """);
        await daemon.UpAsync();
        var before = await daemon.RunningAsync("haproxy");
        (await daemon.RunAsync("reload", "haproxy")).MustSucceed();
        await daemon.EventAsync("service.reloaded", "haproxy");
        var after = await daemon.RunningAsync("haproxy");
        Assert.Equal((before.Pid(), before.Generation()), (after.Pid(), after.Generation()));
    }

    [Fact]
    public async Task Freeradius_is_ready_and_keeps_its_watchdog_quiet_at_one_second()
    {
        await using var daemon = new Daemon("""
            [services.freeradius]
            ready = "status"
            heartbeat = "1s"
            command = ["freeradius", "-f", "-l", "stdout", "-d", "{folder}"]
            """);
        File.WriteAllText(Path.Combine(daemon.Folder, "radiusd.conf"), $$"""
            prefix = /usr
            raddbdir = {{daemon.Folder}}
            libdir = /usr/lib/freeradius
            name = freeradius
            run_dir = {{daemon.Folder}}
            db_dir = {{daemon.Folder}}
            logdir = {{daemon.Folder}}
            log {
              destination = stdout
            }
            security {
              allow_core_dumps = no
            }
            thread pool {
              start_servers = 1
              max_servers = 2
              min_spare_servers = 1
              max_spare_servers = 2
            }
            client localhost {
              ipaddr = 127.0.0.1
              secret = testing123
            }
            server default {
              listen {
                type = auth
                ipaddr = 127.0.0.1
                port = {{FreeUdpPort()}}
              }
              authorize {
              }
            }

            """);
        await daemon.UpAsync();
        var service = await daemon.ServiceAsync("freeradius", s => s.State() == "running" && s.StatusText() == "Processing requests", "ready");
        // Nobody beats for it while it is stopped: that is a hang.
        Processes.Kill(service.Pid(), Processes.Stop);
        Assert.Equal(1000, (await daemon.EventAsync("service.hung", "freeradius")).Data().GetProperty("heartbeat_ms").GetInt32());
        await daemon.RunningAsync("freeradius", service.Generation() + 1);
    }

    private static int FreeUdpPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
