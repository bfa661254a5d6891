using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>Every page that the dashboard has, before services that are as awkward as services may be.</summary>
public sealed partial class PagesTests(Browser browser) : IClassFixture<Browser>
{
    private const string TooWide = """
        () => {
          const main = document.getElementById('main');
          const found = main.scrollWidth > main.clientWidth ? [`main is ${main.scrollWidth} wide, not ${main.clientWidth}`] : [];
          // What lies over its neighbour, or goes out of its card, unless it can be scrolled or is cut off with dots.
          for (const element of main.querySelectorAll('h1, li > *, dd, td, .badge, .bar > *, .card > *')) {
            if (element.closest('.scroll-x, .unseen, .row')) continue;
            if (element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== 'inline' && !/auto|scroll|hidden/.test(getComputedStyle(element).overflowX)) found.push(`${element.tagName}.${element.className} holds ${element.scrollWidth} in ${element.clientWidth}: ${element.textContent.slice(0, 40)}`);
          }
          return found;
        }
        """;

    // As long as a name may be, and nowhere to break it.
    private static readonly string LongName = new('n', 64);

    // Where each page is, and what it shows when it is there; of the page of a service several.
    private static readonly Dictionary<string, (string Address, string Text)[]> Addresses = new()
    {
        ["page-services.js"] = [("#/", "till")],
        ["page-events.js"] = [("#/events", "service.failed")],
        ["page-alerts.js"] = [("#/alerts", "till failed")],
        ["page-service.js"] =
        [
            ("#/services/till", "the drawer is stuck"), ($"#/services/{LongName}", "a queue that"), ("#/services/idle", "Nothing has happened to it yet."), ("#/services/nobody", "there is no such service"), ("#/services/tlil", "Did you mean till?"),
        ],
    };

    public static TheoryData<ColorScheme, int> Looks => new() { { ColorScheme.Light, 1280 }, { ColorScheme.Dark, 1280 }, { ColorScheme.Light, 390 }, { ColorScheme.Dark, 390 } };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Each_is_opened_keeps_to_the_screen_and_can_be_read(ColorScheme scheme, int width)
    {
        var pages = Directory.GetFiles(Path.Combine(Places.Repository, "src/Lifeline/Dashboard/wwwroot"), "page-*.js").Select(file => Path.GetFileName(file)!);
        Assert.Equal(pages.Order(StringComparer.Ordinal), Addresses.Keys.Order(StringComparer.Ordinal));
        await using var daemon = await ShopAsync();
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true, width: width, height: 1600, scheme: scheme);
        var wrong = new List<string>();
        foreach (var (address, text) in Addresses.Values.SelectMany(addresses => addresses))
        {
            await visit.OpenAsync(address);
            await visit.SeeAsync(text);
            await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(Places.Repository, $"artifacts/images/{NotOfNames().Replace(address, "-").TrimEnd('n')}-{width}-{scheme}.png"), FullPage = true });
            var wide = await visit.Page.EvaluateAsync<string[]>(TooWide);
            wrong.AddRange(wide.Select(what => $"{address} at {width}: {what}"));
            var judged = await visit.Page.RunAxe();
            wrong.AddRange(judged.Violations.Select(violation => $"{address}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}"));
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task All_of_them_are_reached_and_used_by_the_keyboard_alone()
    {
        await using var daemon = await ShopAsync();
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true);
        await visit.CellAsync("till", "state", "failed");
        await TabToAsync(visit, "Alerts");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeeAsync("till failed");
        await TabToAsync(visit, "Acknowledge");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeeAsync("Take back");
        // Who pressed it is still there, and may take it back.
        await Assertions.Expect(visit.Page.Locator(":focus")).ToHaveTextAsync("Take back", new() { Timeout = 20_000 });
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visit.Page.Locator(":focus")).ToHaveTextAsync("Acknowledge", new() { Timeout = 20_000 });

        await TabToAsync(visit, "Events");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeeAsync("service.failed");
        await visit.Page.Keyboard.PressAsync("1");
        // Quicker than a page is made nobody types.
        await visit.CellAsync("till", "state", "failed");
        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("idle");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeeAsync("It has not been started.");
        await TabToAsync(visit, "Start");
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visit.Page.Locator("#confirm")).ToContainTextAsync("Start idle?");
        await TabToAsync(visit, "Start");
        await visit.Page.Keyboard.PressAsync("Enter");
        await daemon.RunningAsync("idle");
        await visit.SeeAsync("running");
        Assert.Empty(visit.Complaints);
    }

    // As somebody does who looks for it with the Tab key.
    private static async Task TabToAsync(Visit visit, string text)
    {
        for (var presses = 0; presses < 60; presses++)
        {
            await visit.Page.Keyboard.PressAsync("Tab");
            if (await visit.Page.EvaluateAsync<string>("() => document.activeElement.textContent") is var at && at.StartsWith(text, StringComparison.Ordinal) && at.Length < text.Length + 3) return;
        }

        Assert.Fail($"The Tab key never came to \"{text}\".");
    }

    private static async Task<Daemon> ShopAsync()
    {
        var daemon = new Daemon($$"""
            [monitor]
            http = "127.0.0.1:0"
            [services.till]
            command = "echo 'the drawer is stuck'; exit 3"
            max_restarts = 0
            failed_retry = "never"
            [services.{{LongName}}]
            command = ["sh", "-c", '"$LIFELINE_EXECUTABLE" report --health degraded --text "a queue that {{string.Join(' ', Enumerable.Repeat("never-seems-to-end", 40))}}{{new string('x', 120)}}" --field {{new string('f', 60)}}=1; exec sleep 1000']
            inherit_env = ["PATH", "LIFELINE_EXECUTABLE"]
            [services.idle]
            command = ["sleep", "1000"]
            autostart = false
            [alerts.ops]
            command = ["sh", "-c", "echo {{string.Join('-', Enumerable.Repeat("nobody-listens-here", 10))}} >&2; exit 1"]
            [alerts.{{LongName}}]
            command = ["true"]
            """);
        daemon.Environment["LIFELINE_EXECUTABLE"] = Places.Executable;
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.ServiceAsync("till", service => service.State() == "failed", "failed");
        await daemon.ServiceAsync(LongName, service => service.StatusText() is not null, "reporting");
        (await daemon.RunAsync("alert", "silence", "idle", "--for", "1h", "--note", "moving house")).MustSucceed();
        return daemon;
    }

    [GeneratedRegex("[^a-z]+")]
    private static partial Regex NotOfNames();
}
