using System.Net;
using Lifeline.Http;
using Lifeline.Tests.Alerting;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Tests.Http;

public sealed class AccessTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-http-").FullName;
    private readonly ManualTime _time = new();

    private string TokenFile => Path.Combine(_folder, "token");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_token_is_kept_for_the_next_monitor_and_readable_by_its_user_only()
    {
        var first = AccessToken.Open(TokenFile, _time);
        var secret = File.ReadAllText(TokenFile).Trim();
        var second = AccessToken.Open(TokenFile, _time);

        Assert.True(first.Matches(secret));
        Assert.True(second.Matches(secret));
        Assert.False(second.Matches(secret.AsSpan(..^1)));
        Assert.False(second.Matches(""));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenFile));
    }

    [Theory]
    [InlineData("short", 0b110_000_000)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0b110_100_100)]
    public void A_token_that_is_no_secret_is_replaced(string text, int mode)
    {
        File.WriteAllText(TokenFile, text);
        File.SetUnixFileMode(TokenFile, (UnixFileMode)mode);

        var token = AccessToken.Open(TokenFile, _time);

        Assert.False(token.Matches(text));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(TokenFile));
    }

    [Fact]
    public void A_cookie_is_good_for_its_life_and_only_as_it_was_given()
    {
        var token = AccessToken.Open(TokenFile, _time);
        var (value, life) = token.NewCookie();
        var parts = value.Split('.');

        Assert.True(token.IsCookie(value));
        Assert.True(AccessToken.Open(TokenFile, _time).IsCookie(value));
        Assert.False(token.IsCookie($"{long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) + 1}.{parts[1]}.{parts[2]}"));
        Assert.False(token.IsCookie(value[..^1]));
        Assert.False(token.IsCookie(null));
        Assert.False(token.IsCookie(new string('x', 10_000)));
        Assert.False(AccessToken.Open(Path.Combine(_folder, "another"), _time).IsCookie(value));
        _time.Advance(life);
        Assert.False(token.IsCookie(value));
    }

    [Fact]
    public void A_link_opens_once_and_within_its_minute()
    {
        var links = new DashboardLinks(_time);
        var used = links.Make();
        var late = links.Make();

        Assert.True(links.Redeem(used));
        Assert.False(links.Redeem(used));
        Assert.False(links.Redeem("guess"));
        Assert.False(links.Redeem(null));
        _time.Advance(DashboardLinks.Life);
        Assert.False(links.Redeem(late));
    }

    [Fact]
    public void The_oldest_of_too_many_links_is_void()
    {
        var links = new DashboardLinks(_time);
        var first = links.Make();
        var others = Enumerable.Range(0, DashboardLinks.MaxOpen).Select(_ => links.Make()).ToList();

        Assert.False(links.Redeem(first));
        Assert.All(others, code => Assert.True(links.Redeem(code)));
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost:7070", true)]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "[::1]:9", true)]
    [InlineData("127.0.0.1", "evil.example", false)]
    [InlineData("127.0.0.1", "127.0.0.1.evil.example", false)]
    [InlineData("127.0.0.1", "192.0.2.1", false)]
    [InlineData("127.0.0.1", "status.example.org", true)]
    [InlineData("127.0.0.1", "", false)]
    [InlineData("0.0.0.0", "192.0.2.1:7070", true)]
    [InlineData("0.0.0.0", "evil.example", false)]
    public void Only_our_own_hosts_are_taken(string listening, string host, bool taken)
    {
        var check = new HostCheck(IPAddress.Parse(listening), ["status.example.org"]);

        Assert.Equal(taken, check.IsOurs(new HostString(host)));
    }

    [Theory]
    [InlineData("epoch-12", "epoch", 12L)]
    [InlineData("a-b-0", "a-b", 0L)]
    public void A_place_in_the_stream_is_read(string text, string epoch, long id) => Assert.Equal(new StreamPosition(epoch, id), StreamPosition.TryParse(text));

    [Theory]
    [InlineData(null)]
    [InlineData("12")]
    [InlineData("-12")]
    [InlineData("epoch-99999999999999999999999")]
    public void What_is_no_place_in_the_stream_is_refused(string? text) => Assert.Null(StreamPosition.TryParse(text));
}
