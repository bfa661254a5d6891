using System.Text.Json;
using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>Answers that come late, streams that end, tabs that nobody sees, and filters for what is rare.</summary>
public sealed class PatienceTests(Browser browser) : IClassFixture<Browser>
{
    private const string Broken = """
        [monitor]
        http = "127.0.0.1:0"
        [services.broken]
        command = "exit 3"
        max_restarts = 0
        failed_retry = "never"
        [alerts.ops]
        command = ["true"]
        on = ["failed"]
        """;

    private const string Ids = "() => [...document.querySelectorAll('.event-list [data-id]')].map(item => Number(item.dataset.id))";

    [Fact]
    public async Task Events_of_a_quiet_service_are_found_behind_those_of_a_loud_one_and_none_comes_twice()
    {
        await using var daemon = await UpAsync("""
            [monitor]
            http = "127.0.0.1:0"
            [services.quiet]
            command = ["sleep", "1000"]
            [services.loud]
            command = ["/usr/bin/python3", "talk.py"]
            status_events = "0s"
            """);
        await Eventually.TrueAsync(async () => (await daemon.EventsAsync()).Length > 700, () => "there were no 700 events");
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "enough"), "");
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.OpenAsync("#/events");
        // Each letter is a question of its own, and the first answers come after the last was asked.
        await visit.Page.GetByLabel("Filter events by service").PressSequentiallyAsync("quiet");
        await visit.SeeAsync("service.started");
        await Assertions.Expect(visit.Page.Locator(".event-list a", new() { HasText = "loud" })).ToHaveCountAsync(0);
        await NoneTwiceAsync(visit);

        await visit.Page.GetByLabel("Filter events by service").FillAsync("");
        await Assertions.Expect(visit.Page.Locator(".event-list a", new() { HasText = "loud" }).First).ToBeVisibleAsync();
        await visit.Page.Locator("text=Older events").ClickAsync();
        await visit.Page.WaitForFunctionAsync("() => document.querySelectorAll('.event-list [data-id]').length > 250");
        await NoneTwiceAsync(visit);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Alerts_may_be_acknowledged_by_who_came_to_their_page_at_once()
    {
        await using var daemon = await UpAsync(Broken);
        await daemon.ServiceAsync("broken", service => service.State() == "failed", "failed");
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        var answer = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/api/v1/monitor", async route =>
        {
            await answer.Task;
            await route.ContinueAsync();
        });
        await visit.OpenAsync("#/alerts");
        await visit.Page.ReloadAsync();
        await visit.SeeAsync("broken failed");
        answer.SetResult();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Acknowledge" }).ClickAsync();
        await visit.SeeAsync("acknowledged");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Services_are_silenced_and_told_of_again_on_the_page()
    {
        await using var daemon = await UpAsync(Broken);
        await daemon.ServiceAsync("broken", service => service.State() == "failed", "failed");
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        await visit.OpenAsync("#/alerts");
        await visit.SeeAsync("Nothing is silenced.");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Silence broken", Exact = true }).ClickAsync();
        await visit.Page.GetByLabel("For how long").SelectOptionAsync("for a day");
        await visit.Page.GetByLabel("Why").FillAsync("moving house");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Silence", Exact = true }).ClickAsync();
        var row = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Silences" }).Locator("tbody tr");
        await Assertions.Expect(row).ToContainTextAsync("moving house", new() { Timeout = 20_000 });
        var told = JsonDocument.Parse((await daemon.RunAsync("alert", "list", "--json")).MustSucceed().Output).RootElement.GetProperty("silences")[0];
        Assert.Equal(("broken", "moving house"), (told.GetProperty("target").GetString(), told.GetProperty("note").GetString()));
        Assert.InRange(told.GetProperty("until").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromHours(23), TimeSpan.FromHours(24));

        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "End the silence of broken" }).ClickAsync();
        await visit.SeeAsync("Nothing is silenced.");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_stream_of_events_that_is_refused_is_said_and_asked_for_again()
    {
        await using var daemon = await UpAsync(Quiet);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        // In a shared worker nobody can stand between.
        await visit.Page.AddInitScriptAsync("delete window.SharedWorker");
        var refused = 0;
        await visit.Page.RouteAsync("**/api/v1/events/stream", route => refused++ == 0 ? route.FulfillAsync(new() { Status = 503 }) : route.ContinueAsync());
        await visit.Page.GotoAsync($"{visit.Address}/#/events");
        await visit.Page.ReloadAsync();
        await visit.Page.Locator("#connection[data-state=lost]").WaitForAsync();
        await visit.LiveAsync();
        Processes.Kill((await daemon.RunningAsync("quiet")).GetProperty("pid").GetInt32());
        await visit.SeeAsync("service.died");
        await NoneTwiceAsync(visit);
    }

    [Fact]
    public async Task A_tab_that_nobody_sees_gives_its_stream_of_output_back_and_goes_on_after_the_last_line()
    {
        await using var daemon = await UpAsync("""
            [monitor]
            http = "127.0.0.1:0"
            [services.orders]
            command = "echo the first line; while [ ! -e {folder}/go ]; do sleep 0.1; done; echo another line; exec sleep 1000"
            """);
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        await visit.OpenAsync("#/services/orders");
        var log = visit.Page.Locator(".log");
        await Assertions.Expect(log).ToContainTextAsync("the first line");
        var closed = new TaskCompletionSource();
        visit.Page.RequestFailed += (_, request) =>
        {
            if (request.Url.Contains("/logs?", StringComparison.Ordinal)) closed.TrySetResult();
        };
        await SetHiddenAsync(visit, true);
        await closed.Task.WaitAsync(Eventually.Patience);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "go"), "");
        await Eventually.TrueAsync(async () => (await daemon.RunAsync("logs", "orders")).Output.Contains("another line", StringComparison.Ordinal), () => "it wrote nothing");
        Assert.DoesNotContain("another line", await log.InnerTextAsync(), StringComparison.Ordinal);
        await SetHiddenAsync(visit, false);
        await Assertions.Expect(log).ToContainTextAsync("another line");
        await Assertions.Expect(log.Locator("div")).ToHaveCountAsync(2);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Without_a_service_every_tab_says_so_and_a_wrong_address_is_no_blank_page()
    {
        await using var daemon = await UpAsync("[monitor]\nhttp = \"127.0.0.1:0\"\n");
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.SeeAsync("There are no services.");
        var second = await visit.Page.Context.NewPageAsync();
        await second.GotoAsync(visit.Address);
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync("There are no services.");
        await visit.OpenAsync("#/services/%");
        await visit.SeeAsync("there is no such service");
    }

    [Fact]
    public async Task Who_does_not_see_which_service_is_chosen_hears_it()
    {
        await using var daemon = await UpAsync(Quiet);
        await using var visit = await Visit.BeginAsync(browser, daemon);
        await visit.CellAsync("quiet", "state", "running");
        await visit.Page.Keyboard.PressAsync("j");
        await Assertions.Expect(visit.Page.Locator("main [role=status]")).ToHaveTextAsync("quiet, running, unknown");
    }

    private const string Quiet = """
        [monitor]
        http = "127.0.0.1:0"
        [services.quiet]
        command = ["sleep", "1000"]
        """;

    private static async Task NoneTwiceAsync(Visit visit)
    {
        var ids = await visit.Page.EvaluateAsync<long[]>(Ids);
        Assert.NotEmpty(ids);
        Assert.Equal(ids.Distinct().OrderDescending(), ids);
    }

    private static Task SetHiddenAsync(Visit visit, bool hidden) => visit.Page.EvaluateAsync("""
        hidden => {
          Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """, hidden);

    private static async Task<Daemon> UpAsync(string configuration)
    {
        var daemon = new Daemon(configuration).With("talk.py", """
        import os, socket, time
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.connect(os.environ['NOTIFY_SOCKET'])
        n = 0
        while not os.path.exists('enough'):
            s.send(b'STATUS=%d' % n)
            n += 1
            time.sleep(0.002)
        time.sleep(1000)
        """);
        // Not UpAsync, which complains of what fails on purpose.
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        return daemon;
    }
}
