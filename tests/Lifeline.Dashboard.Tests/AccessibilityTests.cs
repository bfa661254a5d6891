using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Lifeline.Dashboard.Tests;

/// <summary>Every page, in both themes and at the width of a phone, as axe judges it.</summary>
public sealed class AccessibilityTests(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Every_page_can_be_used_by_everyone(ColorScheme scheme, int width)
    {
        await using var daemon = new Daemon("""
            [monitor]
            http = "127.0.0.1:0"
            [services.orders]
            command = "echo hello; exec sleep 1000"
            [services.broken]
            command = "exit 3"
            max_restarts = 0
            failed_retry = "never"
            [alerts.ops]
            command = ["true"]
            """);
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.ServiceAsync("broken", service => service.State() == "failed", "failed");
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true, width: width, scheme: scheme);
        foreach (var (hash, text) in new[] { ("#/", "orders"), ("#/services/broken", "exited with 3"), ("#/events", "service.failed"), ("#/alerts", "broken") })
        {
            await visit.OpenAsync(hash);
            await visit.SeeAsync(text);
            var found = await visit.Page.RunAxe();
            Assert.True(found.Violations.Length == 0, string.Join('\n', found.Violations.Select(violation => $"{hash}: {violation.Id}: {violation.Help}: {violation.Nodes[0].Html}")));
            // Nothing is wider than the screen.
            Assert.True(await visit.Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{hash} is wider than {width} pixels");
        }
    }
}
