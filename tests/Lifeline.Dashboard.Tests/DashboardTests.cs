using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>What a person sees and does, in a real browser before a real Lifeline with real services.</summary>
public sealed class DashboardTests(Browser browser) : IClassFixture<Browser>
{
    private const string Services = """
        [monitor]
        http = "127.0.0.1:0"

        [services.orders]
        command = "echo the first line; while [ ! -e {folder}/go ]; do sleep 0.1; done; echo another line; exec sleep 1000"
        env = { DB_PASSWORD = "hidden-from-all", PORT = "8080" }
        group = "shop"

        [services.billing]
        command = ["sleep", "1000"]
        group = "shop"

        [services.broken]
        command = "exit 3"
        max_restarts = 1
        backoff = { initial = "10ms" }
        failed_retry = "never"

        [alerts.ops]
        command = ["true"]
        """;

    [Fact]
    public async Task A_death_and_the_restart_are_seen_without_reloading()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("billing", "state", "running");
        await visit.CellAsync("broken", "state", "failed");
        await visit.CellAsync("broken", "text", "exit code 3; more than 1 restart");
        var before = await daemon.RunningAsync("billing");
        Processes.Kill(before.GetProperty("pid").GetInt32());
        await visit.CellAsync("billing", "restarts", "1");
        await visit.CellAsync("billing", "state", "running");

        await visit.OpenAsync("#/services/billing");
        await visit.SeeAsync("killed by SIGKILL");
        await visit.Page.Locator("svg.timeline circle").First.WaitForAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_page_of_a_service_says_why_it_is_failed_and_how_long_it_may_be_silent()
    {
        await using var daemon = await UpAsync("""
            [monitor]
            http = "127.0.0.1:0"

            [services.broken]
            command = "echo the table is gone; exit 3"
            max_restarts = 1
            backoff = { initial = "10ms" }
            failed_retry = "never"

            [services.missing]
            command = ["/no/such/program"]
            max_restarts = 0
            failed_retry = "1h"

            [services.beating]
            command = ["sleep", "1000"]
            heartbeat = "2h"
            """);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.OpenAsync("#/services/broken");
        await visit.SeeAsync("Statusexit code 3, last line: \"the table is gone\"; more than 1 restart within 60 s (max_restarts, restart_window)");
        await visit.OpenAsync("#/services/missing");
        await visit.SeeAsync("could not be executed ('/no/such/program' does not exist");
        await visit.SeeAsync("tried again in 1h 0m");
        await visit.OpenAsync("#/services/beating");
        await visit.SeeAsync("counts as hung without a sign of life within 1h 59m");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_service_is_restarted_by_a_button_after_a_question()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        await visit.Row("billing").GetByRole(AriaRole.Button, new() { Name = "Restart billing" }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator("#confirm")).ToContainTextAsync("Restart billing?");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        Assert.Equal(1, (await daemon.RunningAsync("billing")).Generation());
        await visit.Row("billing").GetByRole(AriaRole.Button, new() { Name = "Restart billing" }).ClickAsync();
        await visit.Page.Locator("#confirm-yes").ClickAsync();
        await daemon.RunningAsync("billing", 2);
        await Assertions.Expect(visit.Page.Locator("#toast")).ToContainTextAsync("ordered");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_visitor_without_the_link_looks_only()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await Assertions.Expect(visit.Page.Locator("#notice")).ToContainTextAsync("lifeline dashboard");
        await Assertions.Expect(visit.Row("billing").Locator("button").First).ToBeDisabledAsync();
    }

    [Fact]
    public async Task Output_is_followed_and_searched_and_secrets_are_masked()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        await visit.OpenAsync("#/services/orders");
        var log = visit.Page.Locator(".log");
        await Assertions.Expect(log).ToContainTextAsync("the first line");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "go"), "");
        await Assertions.Expect(log).ToContainTextAsync("another line", new() { Timeout = 60_000 });
        await visit.Page.GetByLabel("Search the output").FillAsync("another");
        await Assertions.Expect(log.Locator("div")).ToHaveCountAsync(1);
        await Assertions.Expect(log.Locator("mark")).ToHaveTextAsync("another");
        await visit.SeeAsync("DB_PASSWORD");
        Assert.DoesNotContain("hidden-from-all", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task It_comes_back_by_itself_when_the_monitor_was_replaced_and_says_so()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("billing", "state", "running");
        await visit.Page.EvaluateAsync("""
            () => {
              window.states = [];
              new MutationObserver(() => window.states.push(document.getElementById('connection').dataset.state)).observe(document.getElementById('connection'), { attributes: true });
            }
            """);
        var first = daemon.MonitorPid;
        Processes.Kill(first);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var now && now != 0 && now != first, "no other monitor came");
        await visit.Page.WaitForFunctionAsync("() => window.states.some(state => state === 'lost') && window.states.at(-1) === 'live'");
        var service = await daemon.RunningAsync("billing");
        Processes.Kill(service.GetProperty("pid").GetInt32());
        await visit.CellAsync("billing", "restarts", "1");
    }

    [Fact]
    public async Task Keys_filter_choose_and_open()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("broken", "state", "failed");
        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("fail");
        await Assertions.Expect(visit.Page.Locator(".grid-body .row:visible")).ToHaveCountAsync(1);
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visit.Page.Locator("main h1")).ToHaveTextAsync("broken");
        await visit.Page.Keyboard.PressAsync("Escape");
        await visit.Page.Keyboard.PressAsync("2");
        await visit.SeeAsync("service.failed");
        await visit.Page.Keyboard.PressAsync("3");
        await visit.SeeAsync("failed");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_thousand_services_have_only_the_rows_that_are_seen()
    {
        var many = string.Concat(Enumerable.Range(0, 1000).Select(i => $"[services.s{i:000}]\ncommand = [\"sleep\", \"1000\"]\nautostart = false\n"));
        await using var daemon = await UpAsync("[monitor]\nhttp = \"127.0.0.1:0\"\n" + many);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("s000", "state", "stopped");
        Assert.InRange(await visit.Page.Locator(".grid-body .row").CountAsync(), 10, 80);
        await visit.Page.Locator(".grid-body").EvaluateAsync("body => body.scrollTop = body.scrollHeight");
        await visit.CellAsync("s999", "state", "stopped");
        Assert.InRange(await visit.Page.Locator(".grid-body .row").CountAsync(), 10, 80);
        await visit.Page.GetByLabel("Filter services").FillAsync("s77");
        await Assertions.Expect(visit.Page.Locator(".grid-body .row:visible")).ToHaveCountAsync(10);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Services_of_a_group_stand_together_when_asked_for()
    {
        await using var daemon = await UpAsync(Services);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Groups" }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".group-row:visible").First).ToHaveTextAsync("shop · 2");
    }

    private static async Task<Daemon> UpAsync(string configuration)
    {
        var daemon = new Daemon(configuration);
        // Not "up -d", which waits for what fails on purpose.
        var result = await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        Assert.True(File.Exists(Path.Combine(daemon.RunFolder, "http")), result.Output + result.Errors);
        return daemon;
    }
}
