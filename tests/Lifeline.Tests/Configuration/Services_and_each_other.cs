using Lifeline.Configuration;

namespace Lifeline.Tests.Configuration;

/// <summary>Keys about whom a service runs as, whom it needs and how it is asked.</summary>
public sealed class Services_and_each_other : IDisposable
{
    private readonly ConfigurationFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Instances_are_services_of_their_own_and_a_dependency_on_all_is_one_on_each()
    {
        var configuration = folder.LoadGood("""
            [services.web]
            command = "x"
            depends_on = ["db", "cache.2"]
            [services.db]
            command = "x"
            instances = 2
            depends_on = ["cache"]
            [services.cache]
            command = "x"
            instances = 3
            [alerts.ops]
            command = "x"
            services = ["db"]
            """);
        Assert.Equal(["web", "db.1", "db.2", "cache.1", "cache.2", "cache.3"], configuration.Services.Select(service => service.Name));
        Assert.Equal(["web", "db", "db", "cache", "cache", "cache"], configuration.Services.Select(service => service.Family));
        Assert.Equal([1, 1, 2, 1, 2, 3], configuration.Services.Select(service => service.Instance));
        Assert.Equal(["db.1", "db.2", "cache.2"], configuration.Services[0].DependsOn);
        Assert.Equal(["cache.1", "cache.2", "cache.3"], configuration.Services[1].DependsOn);
        Assert.True(configuration.Alerts[0].Covers("db.2"));
        Assert.False(configuration.Alerts[0].Covers("cache.2"));
    }

    [Fact]
    public void A_diamond_of_dependencies_is_no_circle()
    {
        var services = folder.LoadGood("""
            [services.a]
            command = "x"
            depends_on = ["b", "c"]
            [services.b]
            command = "x"
            depends_on = ["d"]
            [services.c]
            command = "x"
            depends_on = ["d", "b"]
            [services.d]
            command = "x"
            """).Services;
        Assert.Equal(["d", "b"], services[2].DependsOn);
    }

    [Fact]
    public void A_user_brings_its_group_and_its_home()
    {
        var identity = folder.LoadService("user = \"nobody\"").Identity!;
        Assert.Equal(("nobody", 65534u), (identity.User, identity.Uid));
        Assert.Contains(identity.Gid, identity.Groups);
        Assert.Equal((0u, "/root"), (folder.LoadService("user = 0").Identity!.Uid, folder.LoadService("user = 0").Identity!.Home));
        var stranger = folder.LoadService("user = 123456\nunix_group = 7").Identity!;
        Assert.Equal(("123456", 123456u, 7u, "/"), (stranger.User, stranger.Uid, stranger.Gid, stranger.Home));
        Assert.Equal([7u], stranger.Groups);
        Assert.Equal(0u, folder.LoadService("user = \"nobody\"\nunix_group = \"root\"").Identity!.Gid);
    }

    [Fact]
    public void Limits_niceness_and_hooks_are_read()
    {
        var service = folder.LoadService("""
            limits = { nofile = 4096, memory = "512MiB", processes = 100, core = 0 }
            nice = -5
            before_start = ["./migrate", "up"]
            after_stop = "rm -f lock"
            reload_signal = "HUP"
            update = "replace"
            stop.hung_signal = "QUIT"
            """);
        Assert.Equal(new LimitSettings { OpenFiles = 4096, Memory = 512 << 20, Processes = 100, Core = 0 }, service.Limits);
        Assert.Equal(-5, service.Nice);
        Assert.Equal(["./migrate", "up"], service.BeforeStart);
        Assert.Equal(["/bin/sh", "-c", "rm -f lock"], service.AfterStop);
        Assert.Equal(1, service.ReloadSignal);
        Assert.Equal(3, service.Stop.HungSignal);
    }

    [Theory]
    [InlineData("", nameof(ServiceReadiness.Probe))]
    [InlineData("ready = \"exec\"\n", nameof(ServiceReadiness.Exec))]
    [InlineData("ready = \"status\"\n", nameof(ServiceReadiness.Status))]
    public void Who_gives_a_ready_probe_is_asked_by_it_unless_it_says_otherwise(string ready, string expected) =>
        Assert.Equal(expected, folder.LoadService(ready + "ready_probe.tcp = \"127.0.0.1:80\"").Ready.ToString());

    [Fact]
    public void A_ready_probe_takes_from_the_probe_what_it_does_not_say()
    {
        var service = folder.LoadService("""
            ready = "probe"
            probe = { http = "http://127.0.0.1:8080/healthz", failures = 7, action = "report" }
            ready_probe = { interval = "250ms" }
            """);
        Assert.Equal(ServiceReadiness.Probe, service.Ready);
        Assert.Equal(new Uri("http://127.0.0.1:8080/healthz"), service.Probe!.Http);
        Assert.Equal(ProbeAction.Report, service.Probe.Action);
        Assert.Equal(service.Probe with { Interval = TimeSpan.FromMilliseconds(250) }, service.ReadyProbe);
        var other = folder.LoadService("probe = { tcp = \"[::1]:80\" }\nready_probe = { exec = \"true\" }");
        Assert.Equal(new ProbeAddress("::1", 80), other.Probe!.Tcp);
        Assert.Equal(ServiceReadiness.Probe, other.Ready);
        Assert.Null(other.ReadyProbe!.Tcp);
        Assert.Equal(["/bin/sh", "-c", "true"], other.ReadyProbe.Exec);
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2), 3, 1, ProbeAction.Restart), (other.Probe.Interval, other.Probe.Timeout, other.Probe.Failures, other.Probe.Successes, other.Probe.Action));
    }

    [Fact]
    public void Sockets_keep_their_order_and_defaults_are_joined_by_name()
    {
        var service = folder.LoadGood("""
            [defaults.listen]
            log = { unix = "log.sock" }
            [services.orders]
            command = "x"
            [services.orders.listen.http]
            tcp = "0.0.0.0:8080"
            [services.orders.listen.stats]
            udp = "[::]:8125"
            """).Services[0];
        Assert.Equal(
        [
            new ListenSettings { Name = "log", Kind = ListenKind.Unix, Address = Path.Combine(folder.Path, "log.sock"), Port = 0 },
            new ListenSettings { Name = "http", Kind = ListenKind.Tcp, Address = "0.0.0.0", Port = 8080 },
            new ListenSettings { Name = "stats", Kind = ListenKind.Udp, Address = "::", Port = 8125 },
        ], service.Listen);
    }

    [Fact]
    public void Groups_have_tables_or_the_defaults()
    {
        var declared = folder.LoadGood("[groups.shop]\nstrategy = \"rest_for_one\"\nmax_restarts = 2\n[services.a]\ncommand = \"x\"\ngroup = \"shop\"");
        Assert.Equal([new GroupConfiguration { Name = "shop", Strategy = GroupStrategy.RestForOne, MaxRestarts = 2, RestartWindow = TimeSpan.FromSeconds(60) }], declared.Groups);
        Assert.Equal("shop", declared.Services[0].Group);
        var implied = folder.LoadGood("[services.a]\ncommand = \"x\"\ngroup = \"g\"").Groups;
        Assert.Equal([new GroupConfiguration { Name = "g", Strategy = GroupStrategy.OneForOne, MaxRestarts = 5, RestartWindow = TimeSpan.FromSeconds(60) }], implied);
    }

    [Fact]
    public void The_monitor_may_listen_elsewhere_or_not_at_all()
    {
        Assert.Null(folder.LoadGood("[monitor]\nhttp = \"off\"").Monitor.Http);
        Assert.Equal(new HttpSettings("0.0.0.0", 0, IsDefault: false), folder.LoadGood("[monitor]\nhttp = \"0.0.0.0:0\"").Monitor.Http);
        Assert.Equal(new HttpSettings("127.0.0.1", 7070, IsDefault: false), folder.LoadGood("[monitor]\nhttp = \"localhost:7070\"").Monitor.Http);
        var presented = folder.LoadGood("[monitor]\npresent_as = \"systemd\"\nexit_with = \"web\"\n[services.web]\ncommand = \"x\"").Monitor;
        Assert.Equal(("systemd", "web"), (presented.PresentAs, presented.ExitWith));
    }
}
