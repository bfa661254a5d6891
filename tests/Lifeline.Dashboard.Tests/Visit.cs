using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>Somebody who looks at the dashboard of a Lifeline; whatever their browser complains about is collected.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private const float PatienceMilliseconds = 60_000;

    private readonly IBrowserContext context;
    private readonly List<string> complaints = [];

    private Visit(IBrowserContext context, IPage page, string address) => (this.context, Page, Address) = (context, page, address);

    public IPage Page { get; }

    public string Address { get; }

    /// <summary>What the browser wrote to its console as an error, and errors nobody caught.</summary>
    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (complaints) return [.. complaints];
        }
    }

    /// <remarks><paramref name="known"/>: comes through the one-time link, and so may give orders.</remarks>
    public static async Task<Visit> BeginAsync(Browser browser, Daemon daemon, bool known = false, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        var address = (await File.ReadAllTextAsync(Path.Combine(daemon.RunFolder, "http"))).Trim();
        var context = await browser.Chromium.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = scheme, Locale = "en-GB", TimezoneId = "UTC" });
        context.SetDefaultTimeout(PatienceMilliseconds);
        var visit = new Visit(context, await context.NewPageAsync(), address);
        visit.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning") visit.Complain(message.Text);
        };
        visit.Page.PageError += (_, error) => visit.Complain(error);
        if (known)
        {
            var link = (await daemon.RunAsync("dashboard")).MustSucceed().Output.Trim().Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal));
            await visit.Page.GotoAsync(link);
        }
        await visit.OpenAsync("");
        return visit;
    }

    /// <summary>Opens a page, such as "#/events", and waits until it is live.</summary>
    public async Task OpenAsync(string hash)
    {
        await Page.GotoAsync($"{Address}/{hash}");
        await LiveAsync();
    }

    public Task LiveAsync() => Page.Locator("#connection[data-state=live]").WaitForAsync();

    public ILocator Row(string service) => Page.Locator($".grid-body .row[data-name='{service}']");

    /// <summary>Waits until a cell of a service's row holds a text.</summary>
    public Task CellAsync(string service, string cell, string text) => Assertions.Expect(Row(service).Locator($".{cell}")).ToContainTextAsync(text, new() { Timeout = PatienceMilliseconds });

    public Task SeeAsync(string text) => Assertions.Expect(Page.Locator("main")).ToContainTextAsync(text, new() { Timeout = PatienceMilliseconds });

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private void Complain(string text)
    {
        lock (complaints) complaints.Add(text);
    }
}
