using System.Net;
using System.Net.Sockets;
using Lifeline.Configuration;
using Lifeline.Probing;
using Lifeline.Reclaim;
using Lifeline.Tests.Alerting;

namespace Lifeline.Tests.Probing;

/// <summary>Each kind of probe against the real thing.</summary>
public sealed class ProbeKindTests : IDisposable
{
    private readonly BlockingThreads _threads = new(2, "probe test");
    private readonly CancellationTokenSource _late = new(TimeSpan.FromSeconds(30));

    public void Dispose()
    {
        _threads.Dispose();
        _late.Dispose();
    }

    [Theory]
    [InlineData("200 OK", true, "HTTP 200")]
    [InlineData("204 No Content", true, "HTTP 204")]
    [InlineData("302 Found\r\nLocation: http://127.0.0.1:1/elsewhere", true, "HTTP 302")]
    [InlineData("404 Not Found", false, "HTTP 404 from ")]
    [InlineData("503 Busy", false, "HTTP 503 from ")]
    public async Task An_http_answer_from_200_to_399_is_good_and_redirects_are_not_followed(string answer, bool good, string text)
    {
        await using var server = new HttpReceiver(_ => answer);
        var outcome = await AskAsync(new HttpProbe(server.Url));
        Assert.Equal(good, outcome.IsGood);
        Assert.StartsWith(text, outcome.Text, StringComparison.Ordinal);
        var (head, _) = Assert.Single(server.Requests);
        Assert.StartsWith("GET /hook/secret-path", head, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_who_listens_is_a_failure_that_says_so()
    {
        var port = FreePort();
        Assert.Equal((false, $"127.0.0.1:{port}: connection refused"), Of(await AskAsync(new TcpProbe(new ProbeAddress("127.0.0.1", port)))));
        Assert.False((await AskAsync(new HttpProbe(new Uri($"http://127.0.0.1:{port}/")))).IsGood);
        Assert.False((await AskAsync(new TcpProbe(new ProbeAddress("no-such-host.invalid", 1)))).IsGood);
    }

    [Fact]
    public async Task A_connection_that_is_accepted_is_good_for_tcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.Equal((true, $"127.0.0.1:{port} accepts connections"), Of(await AskAsync(new TcpProbe(new ProbeAddress("127.0.0.1", port)))));
    }

    [Fact]
    public async Task A_server_that_accepts_and_never_answers_is_no_good_for_http()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var probe = new HttpProbe(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe.AskAsync(soon.Token, CancellationToken.None));
    }

    [Theory]
    [InlineData("exit 0", true, "/bin/sh exited with 0")]
    [InlineData("echo no room; exit 3", false, "/bin/sh: it exited with 3: no room")]
    public async Task A_command_is_good_when_it_exits_with_0(string script, bool good, string text) =>
        Assert.Equal((good, text), Of(await AskAsync(Command(script, TimeSpan.FromSeconds(30)))));

    [Fact]
    public async Task A_command_that_does_not_end_in_time_is_killed_with_what_it_started()
    {
        var file = Path.GetTempFileName();
        try
        {
            var outcome = await AskAsync(Command($"sleep 1000 & echo $! > {file}; echo waiting; wait", TimeSpan.FromMilliseconds(300)));
            Assert.False(outcome.IsGood);
            Assert.EndsWith("and was killed: waiting", outcome.Text, StringComparison.Ordinal);
            var child = (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Trim();
            Assert.True(SpinWait.SpinUntil(() => Linux.ProcFs.TryReadStat(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture)) is null or { IsZombie: true }, TimeSpan.FromSeconds(30)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    private ExecProbe Command(string script, TimeSpan timeout) => new(
        new CommandOrder { Command = ["/bin/sh", "-c", script], Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" }, Timeout = timeout },
        "/bin/sh", _threads, TimeProvider.System);

    private Task<ProbeOutcome> AskAsync(IProbe probe) => probe.AskAsync(_late.Token, CancellationToken.None);

    private static (bool, string) Of(ProbeOutcome outcome) => (outcome.IsGood, outcome.Text);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
