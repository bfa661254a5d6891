using System.Net;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Alerting;

/// <summary>Mail over TLS to a real server, whose certificate the test made.</summary>
public class MailTests
{
    [Theory]
    [InlineData("starttls", "smtp", "tls = \"starttls\"")]
    [InlineData("starttls", "smtp", "tls = \"auto\"")]
    [InlineData("implicit", "smtps", "")]
    [InlineData("implicit", "smtp", "tls = \"implicit\"")]
    public async Task Mail_goes_over_TLS_to_a_server_that_is_vouched_for(string protection, string scheme, string tls)
    {
        await using var daemon = new Daemon("");
        using var authority = new Certificates(daemon.Folder);
        using var server = await MailServer.StartAsync(protection, authority.Server(address: IPAddress.Loopback));
        await UpAsync(daemon, $"{scheme}://shop:secret@127.0.0.1:{server.Port}", $"{tls}\ntls_ca = \"{authority.AuthorityFile}\"");
        Assert.Contains(": taken as mail", (await daemon.RunAsync("alert", "test", "mail")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("X-Login: shop", server.Mails()[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("starttls", "smtp")]
    [InlineData("implicit", "smtps")]
    public async Task A_server_that_nobody_vouches_for_gets_nothing_and_the_setting_is_named(string protection, string scheme)
    {
        await using var daemon = new Daemon("");
        using var authority = new Certificates(daemon.Folder);
        using var stranger = new Certificates(daemon.Folder, "Another authority");
        using var server = await MailServer.StartAsync(protection, authority.Server(address: IPAddress.Loopback));
        var address = $"{scheme}://shop:secret@127.0.0.1:{server.Port}";

        await UpAsync(daemon, address, "");
        Assert.Matches(@"127\.0\.0\.1:\d+: its certificate is not trusted \(.*\): it is signed by ""Test authority"", whom this machine does not know; tls_ca = ""FILE.pem"" names whom to trust", await RefusedAsync(daemon));

        await ReloadAsync(daemon, address, $"tls_ca = \"{stranger.AuthorityFile}\"");
        Assert.Contains($"and tls_ca ({stranger.AuthorityFile}) does not vouch for that", await RefusedAsync(daemon), StringComparison.Ordinal);
        Assert.Empty(server.Mails());

        await ReloadAsync(daemon, address, $"tls_ca = \"{authority.AuthorityFile}\"");
        (await daemon.RunAsync("alert", "test", "mail")).MustSucceed();
    }

    [Fact]
    public async Task A_certificate_for_another_name_or_of_the_past_is_refused()
    {
        await using var daemon = new Daemon("");
        using var authority = new Certificates(daemon.Folder);
        using var other = await MailServer.StartAsync("implicit", authority.Server("mail.example.org"));
        using var old = await MailServer.StartAsync("implicit", authority.Server(address: IPAddress.Loopback, until: TimeSpan.FromHours(-1)));
        var trust = $"tls_ca = \"{authority.AuthorityFile}\"";
        await UpAsync(daemon, $"smtps://127.0.0.1:{other.Port}", trust);
        Assert.Contains("its certificate is for \"mail.example.org\", not for \"127.0.0.1\"; smtp must name the server as its certificate does", await RefusedAsync(daemon), StringComparison.Ordinal);
        await ReloadAsync(daemon, $"smtps://127.0.0.1:{old.Port}", trust);
        Assert.Matches(@"its certificate is good from .*Z to .*Z only", await RefusedAsync(daemon));
    }

    [Fact]
    public async Task A_server_that_does_not_speak_it_gets_nothing()
    {
        await using var daemon = new Daemon("");
        using var plain = await MailServer.StartAsync();
        await UpAsync(daemon, $"smtp://shop:secret@127.0.0.1:{plain.Port}", "tls = \"starttls\"");
        Assert.Contains("offers no STARTTLS, and tls = \"starttls\" sends nothing without", await RefusedAsync(daemon), StringComparison.Ordinal);
        await ReloadAsync(daemon, $"smtps://shop:secret@127.0.0.1:{plain.Port}", "");
        Assert.Contains("a port that begins without TLS wants smtp:// and tls = \"starttls\"", await RefusedAsync(daemon), StringComparison.Ordinal);
        Assert.Empty(plain.Mails());
    }

    [Fact]
    public async Task A_file_of_authorities_that_is_none_is_an_error_of_the_configuration()
    {
        await using var daemon = new Daemon("");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "empty.pem"), "nothing\n");
        foreach (var (file, words) in new[] { ("none.pem", "none.pem"), ("empty.pem", "holds no certificate") })
        {
            Write(daemon, "smtp://127.0.0.1", $"tls_ca = \"{file}\"");
            var errors = (await daemon.RunAsync("check", daemon.ConfigurationFile)).MustExit(2).Errors;
            Assert.Contains(words, errors, StringComparison.Ordinal);
            Assert.Contains("tls_ca is a PEM file", errors, StringComparison.Ordinal);
        }
    }

    private static async Task<string> RefusedAsync(Daemon daemon) => (await daemon.RunAsync("alert", "test", "mail")).MustExit(1).Errors;

    private static async Task UpAsync(Daemon daemon, string smtp, string more)
    {
        Write(daemon, smtp, more);
        await daemon.UpAsync();
    }

    private static async Task ReloadAsync(Daemon daemon, string smtp, string more)
    {
        Write(daemon, smtp, more);
        (await daemon.RunAsync("reload")).MustSucceed();
    }

    private static void Write(Daemon daemon, string smtp, string more) => File.WriteAllText(daemon.ConfigurationFile, $"""
        [services.a]
        command = ["sleep", "1000"]
        [alerts.mail]
        email = "ops@example.org"
        from = "lifeline@example.org"
        smtp = "{smtp}"
        {more}
        """);
}
