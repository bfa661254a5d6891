using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>Where dashboard and API are is changed by a reload; the monitor and the services go on.</summary>
public sealed class HttpReloadTests
{
    private const string One = """
        [monitor]
        http = "127.0.0.1:0"

        [services.calm]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task A_reload_serves_at_the_new_address_and_no_more_at_the_old_one()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var (monitor, before) = (daemon.MonitorPid, new Uri(Web.UrlOf(daemon)));
        var calm = await daemon.RunningAsync("calm");

        await ReloadAsync(daemon, "127.0.0.2:0");

        var after = new Uri(Web.UrlOf(daemon));
        Assert.Equal("127.0.0.2", after.Host);
        using (var web = Web.Of(daemon))
        {
            Assert.Equal("ok\n", await web.TextAsync("/healthz"));
            // What was counted before goes on.
            Assert.Matches("lifeline_events_total\\{kind=\"service.started\"\\} [1-9]", await web.TextAsync("/metrics"));
        }

        await Eventually.TrueAsync(() => IsRefusedAsync(before), () => "the old address is closed");
        Assert.Equal(monitor, daemon.MonitorPid);
        Assert.Equal(calm.GetProperty("pid").GetInt32(), (await daemon.RunningAsync("calm")).GetProperty("pid").GetInt32());
        // The next monitor takes over the new socket.
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var now && now != 0 && now != monitor, "another monitor");
        using var next = Web.Of(daemon);
        Assert.Equal("ok\n", await next.TextAsync("/healthz"));
        Assert.Equal(after, new Uri(Web.UrlOf(daemon)));
    }

    [Fact]
    public async Task A_busy_port_refuses_the_reload_and_the_old_address_stays()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var before = Web.UrlOf(daemon);
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        other.Listen();
        var busy = ((IPEndPoint)other.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);

        Write(daemon, $"127.0.0.1:{busy}");
        var refused = await daemon.RunAsync("reload");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"127.0.0.1:{busy} for dashboard and API is in use", refused.Errors + refused.Output, StringComparison.Ordinal);
        Assert.Equal(before, Web.UrlOf(daemon));
        using var web = Web.Of(daemon);
        Assert.Equal("ok\n", await web.TextAsync("/healthz"));
    }

    [Fact]
    public async Task The_same_port_is_taken_at_all_addresses_and_given_back()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var (monitor, before) = (daemon.MonitorPid, new Uri(Web.UrlOf(daemon)));
        var port = before.Port.ToString(CultureInfo.InvariantCulture);

        await ReloadAsync(daemon, $"0.0.0.0:{port}");

        Assert.Equal("ok\n", await HealthAsync($"http://127.0.0.2:{port}"));
        Assert.Equal(monitor, daemon.MonitorPid);
        // The next monitor takes over the new socket.
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var now && now != 0 && now != monitor, "another monitor");
        Assert.Equal("ok\n", await HealthAsync($"http://127.0.0.2:{port}"));

        await ReloadAsync(daemon, $"127.0.0.1:{port}");
        Assert.Equal("ok\n", await HealthAsync($"http://127.0.0.1:{port}"));
        await Eventually.TrueAsync(() => IsRefusedAsync(new Uri($"http://127.0.0.2:{port}")), () => "the other addresses are closed");
    }

    [Fact]
    public async Task A_port_that_another_program_has_at_another_address_refuses_all_addresses_and_the_old_one_goes_on()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var (monitor, before) = (daemon.MonitorPid, Web.UrlOf(daemon));
        var port = new Uri(before).Port;
        using var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        other.Listen();

        Write(daemon, $"0.0.0.0:{port}");
        var refused = await daemon.RunAsync("reload");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains($"0.0.0.0:{port} for dashboard and API is in use", refused.Errors + refused.Output, StringComparison.Ordinal);
        Assert.Equal(before, Web.UrlOf(daemon));
        using (var web = Web.Of(daemon))
            Assert.Equal("ok\n", await web.TextAsync("/healthz"));
        // What is configured is what it was: nothing to change.
        await ReloadAsync(daemon, "127.0.0.1:0");
        Assert.Equal(before, Web.UrlOf(daemon));
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var now && now != 0 && now != monitor, "another monitor");
        using var next = Web.Of(daemon);
        Assert.Equal("ok\n", await next.TextAsync("/healthz"));
    }

    [Fact]
    public async Task It_is_switched_off_and_on_by_reloads()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var before = new Uri(Web.UrlOf(daemon));

        await ReloadAsync(daemon, "off");
        await Eventually.TrueAsync(() => IsRefusedAsync(before), () => "nobody listens");
        Assert.False(File.Exists(Path.Combine(daemon.RunFolder, "http")));

        await ReloadAsync(daemon, "127.0.0.1:0");
        using var web = Web.Of(daemon);
        Assert.Equal("ok\n", await web.TextAsync("/healthz"));
        using var unix = Web.OverUnix(daemon);
        Assert.Equal("ok\n", await unix.TextAsync("/healthz"));
    }

    private static async Task ReloadAsync(Daemon daemon, string http)
    {
        Write(daemon, http);
        (await daemon.RunAsync("reload")).MustSucceed();
    }

    private static void Write(Daemon daemon, string http) =>
        File.WriteAllText(daemon.ConfigurationFile, One.Replace("127.0.0.1:0", http, StringComparison.Ordinal));

    private static async Task<string> HealthAsync(string address)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(address + "/healthz"));
    }

    private static async Task<bool> IsRefusedAsync(Uri address)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Parse(address.Host), address.Port);
            return false;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return true;
        }
    }
}
