using System.Globalization;
using System.Text.Json;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Each kind of channel with a real receiver at its other end.</summary>
public class AlertDeliveryTests
{
    private const string Services = """
        [defaults]
        command = ["sleep", "1000"]
        max_restarts = 0
        failed_retry = "never"

        [services.a]
        [services.b]
        [services.c]

        """;

    [Fact]
    public async Task The_real_alertmanager_receives_groups_and_resolves()
    {
        using var receiver = new HttpReceiver();
        using var alertmanager = await Alertmanager.StartAsync(receiver);
        await using var daemon = await new Daemon(Services + string.Create(CultureInfo.InvariantCulture, $"""
            [alerts.am]
            alertmanager = "http://127.0.0.1:{alertmanager.Port}"
            on = ["failed"]
            """)).UpAsync();
        var services = new[] { "a", "b", "c" };
        foreach (var service in services)
            Processes.Kill((await daemon.RunningAsync(service)).Pid());
        await Eventually.TrueAsync(async () => (await alertmanager.OpenAsync()).Length == 3, () => "the alerts are not open\n" + daemon.Describe());
        var labels = (await alertmanager.OpenAsync())[0].GetProperty("labels");
        Assert.Equal("LifelineFailed", labels.GetProperty("alertname").GetString());
        Assert.Equal("critical", labels.GetProperty("severity").GetString());
        await Eventually.TrueAsync(
            () => alertmanager.Told().Any(told => told.GetProperty("status").GetString() == "firing" && told.GetProperty("alerts").GetArrayLength() == 3), "the group was not told");

        // "recovered" is not among its rules: an Alertmanager is told of the end all the same.
        (await daemon.RunAsync(["start", .. services])).MustSucceed();
        await Eventually.TrueAsync(async () => (await alertmanager.OpenAsync()).Length == 0, () => "the alerts are still open\n" + daemon.Describe());
        await Eventually.TrueAsync(() => alertmanager.Told().Any(told => told.GetProperty("status").GetString() == "resolved"), "the end was not told");
        Assert.Contains("answered 200", (await daemon.RunAsync("alert", "test", "am")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_real_mail_server_receives_one_mail_for_a_crowd()
    {
        using var server = await MailServer.StartAsync();
        await using var daemon = new Daemon(Services + MailAlert(server, "2s"));
        daemon.Environment["MAIL_PASSWORD"] = "secret";
        await daemon.UpAsync();
        foreach (var service in new[] { "a", "b", "c" })
            Processes.Kill((await daemon.RunningAsync(service)).Pid());
        await Eventually.TrueAsync(() => server.Mails().Sum(mail => mail.Split(" failed: ").Length - 1) >= 3, "the mails did not come");
        Assert.All(server.Mails(), mail => Assert.Contains("X-Login: shop", mail, StringComparison.Ordinal));
        Assert.Contains(server.Mails(), mail => mail.Contains("X-To: ops@example.org,boss@example.org", StringComparison.Ordinal));
        Assert.Contains(": taken as mail", (await daemon.RunAsync("alert", "test", "mail")).MustSucceed().Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_is_shown_and_never_printed()
    {
        using var server = await MailServer.StartAsync();
        await using var daemon = new Daemon(Services + MailAlert(server, "0s"));
        daemon.Environment["MAIL_PASSWORD"] = "mistaken";
        await daemon.UpAsync();
        var test = await daemon.RunAsync("alert", "test", "mail");
        Assert.Equal(1, test.ExitCode);
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await Eventually.TrueAsync(
            async () => (await daemon.RunAsync("status")).Output.Contains("mail (email): 1 alert not delivered yet", StringComparison.Ordinal), () => "the status says nothing\n" + daemon.Describe());
        Assert.DoesNotContain("mistaken", test.Errors + (await daemon.RunAsync("alert", "list")).Output + daemon.Describe(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("command")]
    [InlineData("webhook")]
    [InlineData("email")]
    [InlineData("alertmanager")]
    public async Task A_monitor_that_dies_between_the_decision_and_the_delivery_loses_nothing(string kind)
    {
        using var receiver = new HttpReceiver();
        using var mail = await MailServer.StartAsync();
        using var alertmanager = await Alertmanager.StartAsync(receiver);
        var channel = kind switch
        {
            "command" => """command = ["sh", "-c", "cat >> {folder}/told"]""",
            "webhook" => $"webhook = \"{receiver.Url}\"",
            "email" => string.Create(CultureInfo.InvariantCulture, $"email = \"ops@example.org\"\nfrom = \"a@example.org\"\nsmtp = \"smtp://shop:secret@127.0.0.1:{mail.Port}\""),
            _ => string.Create(CultureInfo.InvariantCulture, $"alertmanager = \"http://127.0.0.1:{alertmanager.Port}\""),
        };
        await using var daemon = await new Daemon(Services + $"""
            [alerts.ops]
            on = ["failed"]
            group_wait = "5s"
            {channel}
            """).UpAsync();
        Processes.Kill((await daemon.RunningAsync("a")).Pid());
        await daemon.EventAsync("alert.raised", "a");
        Processes.Kill(daemon.MonitorPid);
        Task<bool> Told() => kind switch
        {
            "command" => Task.FromResult(Daemon.ReadIfThere(Path.Combine(daemon.Folder, "told")).Contains("\"failed\"", StringComparison.Ordinal)),
            "webhook" => Task.FromResult(receiver.Bodies.Any(body => body.Contains("\"failed\"", StringComparison.Ordinal))),
            "email" => Task.FromResult(mail.Mails().Any(text => text.Contains("a failed:", StringComparison.Ordinal))),
            _ => Open(alertmanager),
        };
        await Eventually.TrueAsync(Told, () => "it was not delivered\n" + daemon.Describe());
        await daemon.EventAsync("alert.delivered", "a");
    }

    [Fact]
    public async Task Whoever_asks_for_it_is_told_that_keeper_or_monitor_died()
    {
        using var receiver = new HttpReceiver();
        await using var daemon = await new Daemon(Services + $"""
            [alerts.ops]
            webhook = "{receiver.Url}"
            on = ["monitor"]
            throttle = "0s"
            """).UpAsync();
        var keeper = daemon.KeeperPid;
        Processes.Kill(keeper);
        await Eventually.TrueAsync(() => daemon.KeeperPid != keeper && daemon.KeeperPid != 0, "no other keeper came");
        await Eventually.TrueAsync(() => receiver.Bodies.Any(body => body.Contains("the keeper died", StringComparison.Ordinal)), "the keeper's death was not told");
        Processes.Kill(daemon.MonitorPid);
        await Eventually.TrueAsync(() => receiver.Bodies.Any(body => body.Contains("the monitor died", StringComparison.Ordinal)), "the monitor's death was not told");
        Assert.Contains((await daemon.EventsAsync("--kind", "keeper.*")), happened => happened.Kind() == "keeper.replaced");
    }

    private static async Task<bool> Open(Alertmanager alertmanager) =>
        (await alertmanager.OpenAsync()).Any(alert => alert.GetProperty("labels").GetProperty("service").GetString() == "a");

    private static string MailAlert(MailServer server, string wait) => string.Create(CultureInfo.InvariantCulture, $$"""
        [alerts.mail]
        email = "ops@example.org, boss@example.org"
        from = "lifeline@example.org"
        smtp = "smtp://shop:${MAIL_PASSWORD}@127.0.0.1:{{server.Port}}"
        on = ["failed"]
        group_wait = "{{wait}}"
        """);
}
