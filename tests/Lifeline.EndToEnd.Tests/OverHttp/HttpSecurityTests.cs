using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OverHttp;

/// <summary>What strangers try over HTTP is refused with the right answer, and disturbs nobody.</summary>
public sealed class HttpSecurityTests
{
    private const string Restart = "/api/v1/services/calm/restart";

    private const string One = """
        [monitor]
        http = "127.0.0.1:0"

        [services.calm]
        command = ["sleep", "1000"]
        env = { DB_PASSWORD = "hunter2", DATABASE = "postgres://u:hunter2@db/x", MODE = "fast" }
        """;

    [Fact]
    public async Task Orders_need_the_token()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        using var nobody = Web.Of(daemon);
        using var wrong = Web.WithToken(daemon, "wrong");
        using var owner = Web.WithToken(daemon);

        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.StatusAsync(HttpMethod.Post, Restart));
        Assert.Equal(HttpStatusCode.Unauthorized, await wrong.StatusAsync(HttpMethod.Post, Restart));
        Assert.Equal(HttpStatusCode.Unauthorized, await wrong.StatusAsync(HttpMethod.Get, "/api/v1/services"));
        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.StatusAsync(HttpMethod.Post, Restart, ("Authorization", "Basic cm9vdDpyb290")));
        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.StatusAsync(HttpMethod.Post, Restart, ("Cookie", "lifeline_00000000=1.2.3")));
        Assert.Equal(1, (await daemon.StatusAsync())[0].Generation());
        Assert.Equal(HttpStatusCode.Accepted, await owner.StatusAsync(HttpMethod.Post, Restart));
    }

    [Fact]
    public async Task Logs_and_environments_of_a_root_monitor_need_the_token_and_secrets_are_masked()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only a monitor of root hides logs from its machine");
        await using var daemon = await new Daemon(One).UpAsync();
        using var nobody = Web.Of(daemon);
        using var owner = Web.WithToken(daemon);

        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.StatusAsync(HttpMethod.Get, "/api/v1/services/calm/logs"));
        Assert.Equal(HttpStatusCode.Unauthorized, await nobody.StatusAsync(HttpMethod.Get, "/api/v1/services/calm/configuration"));
        var shown = await owner.GetAsync("/api/v1/services/calm/configuration");
        Assert.DoesNotContain("hunter2", shown.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("fast", shown.GetProperty("environment").GetProperty("MODE").GetString());
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("Host", "127.0.0.1.evil.example:7070")]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_foreign_page_is_refused_even_with_the_token(string header, string value)
    {
        await using var daemon = await new Daemon(One).UpAsync();
        using var web = Web.WithToken(daemon);

        foreach (var (method, path) in new[] { (HttpMethod.Get, "/api/v1/services"), (HttpMethod.Post, Restart), (HttpMethod.Get, "/api/v1/events/stream"), (HttpMethod.Get, "/metrics") })
            Assert.Equal(HttpStatusCode.Forbidden, await web.StatusAsync(method, path, (header, value)));
        Assert.Equal(1, (await daemon.StatusAsync())[0].Generation());
    }

    [Fact]
    public async Task A_link_opens_the_dashboard_once_and_its_cookie_gives_orders_across_a_monitors_death()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        var link = (await daemon.RunAsync("dashboard")).MustSucceed().Output.Trim();
        Assert.StartsWith(Web.UrlOf(daemon) + "/login?code=", link, StringComparison.Ordinal);
        using var browser = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

        using var opened = await browser.GetAsync(link);
        using var again = await browser.GetAsync(link);
        var cookie = opened.Headers.GetValues("Set-Cookie").Single();

        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        using var web = Web.Of(daemon);
        var sent = ("Cookie", cookie.Split(';')[0]);
        Assert.Equal(HttpStatusCode.Accepted, await web.StatusAsync(HttpMethod.Post, Restart, sent, ("Origin", Web.UrlOf(daemon))));
        Assert.Equal(HttpStatusCode.Forbidden, await web.StatusAsync(HttpMethod.Post, Restart, sent, ("Origin", "http://127.0.0.1:1")));
        Processes.Kill(daemon.MonitorPid);
        // The connection of before died with the monitor; a new one waits in the keeper's socket for the next.
        using var next = Web.Of(daemon);
        Assert.Equal(HttpStatusCode.Accepted, await next.StatusAsync(HttpMethod.Post, Restart, sent));
    }

    [Fact]
    public async Task Too_much_is_refused_and_nobody_waits_for_it()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        using var web = Web.WithToken(daemon);

        Assert.StartsWith("HTTP/1.1 431", await RawAsync(daemon, $"GET / HTTP/1.1\r\nHost: localhost\r\nX: {new string('x', 10 << 20)}\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 414", await RawAsync(daemon, $"GET /{new string('x', 1 << 20)} HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);
        var order = $"POST {Restart} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {File.ReadAllText(Path.Combine(daemon.RunFolder, "token")).Trim()}\r\n";
        var tooLarge = await RawAsync(daemon, $"{order}Content-Length: {10 << 20}\r\n\r\n", upTo: "}");
        Assert.StartsWith("HTTP/1.1 413", tooLarge, StringComparison.Ordinal);
        Assert.Contains("The body has 10485760 bytes; 65536 are the limit (MaxBodyBytes)", tooLarge, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413", await RawAsync(daemon, $"{order}Transfer-Encoding: chunked\r\n\r\n{10 << 20:x}\r\n{new string('x', 10 << 20)}\r\n0\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 401", await RawAsync(daemon, $"POST {Restart} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10 << 20}\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal(1, (await daemon.StatusAsync())[0].Generation());
        Assert.StartsWith("HTTP/1.1 202", await RawAsync(daemon, $"{order}Content-Length: 2\r\n\r\n{{}}"), StringComparison.Ordinal);

        foreach (var path in new[] { "/api/v1/services/../../../etc/passwd", "/api/v1/services/calm/../../../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/api/v1/services/calm/logs/../../../token" })
            Assert.StartsWith("HTTP/1.1 404", await RawAsync(daemon, $"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), StringComparison.Ordinal);

        foreach (var name in new[] { "..%2F..%2Fetc%2Fpasswd", "%2e%2e%2f%2e%2e", "calm%2F..%2Fcalm", "calm;x", "CALM", new string('n', 2000) })
            Assert.Equal(HttpStatusCode.NotFound, await web.StatusAsync(HttpMethod.Get, $"/api/v1/services/{name}/logs"));
        Assert.Equal(HttpStatusCode.NotFound, await web.StatusAsync(HttpMethod.Get, "/..%2f..%2fetc/passwd"));
        Assert.Equal("ok\n", await web.TextAsync("/healthz"));
    }

    [Fact]
    public async Task A_crowd_of_idle_connections_keeps_nobody_out()
    {
        var crowd = int.Parse(Environment.GetEnvironmentVariable("LIFELINE_TEST_CONNECTIONS") ?? "10000", System.Globalization.CultureInfo.InvariantCulture);
        await using var daemon = await new Daemon(One).UpAsync();
        var at = new Uri(Web.UrlOf(daemon));
        var idle = new List<Socket>();
        try
        {
            for (var i = 0; i < crowd; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync(IPAddress.Loopback, at.Port);
            }

            using var web = Web.WithToken(daemon);
            Assert.Equal("ok\n", await web.TextAsync("/healthz"));
            Assert.Equal(HttpStatusCode.Accepted, await web.StatusAsync(HttpMethod.Post, Restart));
            await Eventually.TrueAsync(
                () => Directory.GetFileSystemEntries($"/proc/{daemon.MonitorPid}/fd").Length < 1500, "the monitor holds a bounded number of connections");
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_delays_nobody()
    {
        await using var daemon = await new Daemon("""
            [monitor]
            http = "127.0.0.1:0"

            [services.busy]
            command = "while :; do head -c 1000000 /dev/zero | tr '\\0' x | fold; sleep 0.2; done"
            """).UpAsync();
        using var web = Web.WithToken(daemon);
        var token = File.ReadAllText(Path.Combine(daemon.RunFolder, "token")).Trim();
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await lazy.ConnectAsync(IPAddress.Loopback, new Uri(Web.UrlOf(daemon)).Port);
        await lazy.SendAsync(Encoding.ASCII.GetBytes($"GET /api/v1/services/busy/logs?follow=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"));

        await Eventually.TrueAsync(
            () => Task.FromResult(Daemon.ReadIfThere(Path.Combine(daemon.RunFolder, "monitor.log")).Contains("was cut off: it took nothing for", StringComparison.Ordinal)),
            () => $"the lazy reader is cut off\n{daemon.Describe()}", TimeSpan.FromMinutes(3));
        Assert.Contains("lifeline_http_stream_readers_cut_total 1", await web.TextAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_unix_socket_the_kernel_says_who_calls()
    {
        await using var daemon = await new Daemon(One).UpAsync();
        using var owner = Web.OverUnix(daemon);

        Assert.Equal(HttpStatusCode.Accepted, await owner.StatusAsync(HttpMethod.Post, Restart));
        Assert.Equal(HttpStatusCode.Forbidden, await owner.StatusAsync(HttpMethod.Get, "/api/v1/services", ("Origin", "http://lifeline")));
        Assert.Equal(HttpStatusCode.OK, await owner.StatusAsync(HttpMethod.Get, "/api/v1/services/calm/logs"));
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "another user is only to be had by root");
        // The folder of the test is not the stranger's to enter.
        File.SetUnixFileMode(daemon.Folder, File.GetUnixFileMode(daemon.Folder) | UnixFileMode.OtherExecute);
        Assert.Equal("403", await AsStrangerAsync(daemon, "-X POST", Restart));
        Assert.Equal("403", await AsStrangerAsync(daemon, "", "/api/v1/services/calm/logs"));
        Assert.Equal("200", await AsStrangerAsync(daemon, "", "/api/v1/services"));
    }

    [Fact]
    public async Task Anything_but_loopback_needs_the_token_for_reading_too()
    {
        await using var daemon = await new Daemon(One.Replace("127.0.0.1:0", "0.0.0.0:0", StringComparison.Ordinal)).UpAsync();
        var url = $"http://127.0.0.1:{new Uri(Web.UrlOf(daemon)).Port}";
        using var client = new HttpClient();

        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(url + "/api/v1/services")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(url + "/metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(url + "/healthz")).StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", File.ReadAllText(Path.Combine(daemon.RunFolder, "token")).Trim());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(url + "/api/v1/services")).StatusCode);
    }

    [Fact]
    public async Task Https_is_served_with_the_given_certificate()
    {
        await using var daemon = new Daemon(One.Replace("[services", "tls_certificate = \"tls.pem\"\ntls_key = \"tls.key\"\n[services", StringComparison.Ordinal));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        File.WriteAllText(Path.Combine(daemon.Folder, "tls.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(daemon.Folder, "tls.key"), key.ExportPkcs8PrivateKeyPem());
        await daemon.UpAsync();
        Assert.StartsWith("https://", Web.UrlOf(daemon), StringComparison.Ordinal);

        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, seen, _, _) => seen!.GetCertHashString() == certificate.GetCertHashString(),
            },
        });
        Assert.Equal("ok\n", await client.GetStringAsync(Web.UrlOf(daemon) + "/healthz"));
    }

    private static async Task<string> AsStrangerAsync(Daemon daemon, string options, string path)
    {
        var result = await Shell.RunAsync(
            "setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c",
                $"curl -s -o /dev/null -w '%{{http_code}}' {options} --unix-socket {daemon.RunFolder}/http.sock http://lifeline{path}"]);
        return result.MustSucceed().Output;
    }

    private static async Task<string> RawAsync(Daemon daemon, string request, string upTo = "\r\n")
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(Web.UrlOf(daemon)).Port);
        var sending = Task.Run(() =>
        {
            try
            {
                socket.Send(Encoding.ASCII.GetBytes(request));
            }
            catch (SocketException)
            {
                // Refused before all of it was sent.
            }
        });
        var answer = "";
        var buffer = new byte[1024];
        while (!answer.Contains(upTo, StringComparison.Ordinal) && await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) is var count and > 0)
            answer += Encoding.ASCII.GetString(buffer, 0, count);
        socket.Dispose();
        await sending;
        return answer;
    }
}
