namespace Lifeline.Dashboard.Tests;

/// <summary>The pictures of the documentation, taken of what they show.</summary>
public sealed class PictureTests(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task The_quickstart_is_what_the_pictures_show()
    {
        await using var daemon = new Daemon("") { ConfigurationFile = Path.Combine(Places.Repository, "samples/quickstart/lifeline.toml") };
        (await daemon.RunAsync("up", "-d", daemon.ConfigurationFile, "--http", "127.0.0.1:0")).MustSucceed();
        var first = await daemon.ServiceAsync("a", service => service.StatusText() is not null, "reporting");
        Processes.Kill(first.GetProperty("pid").GetInt32());
        await daemon.ServiceAsync("a", service => service.Generation() > 1 && service.StatusText() is not null && service.State() == "running", "reporting again");
        await using var visit = await Visit.BeginAsync(browser, daemon, known: true, height: 420);
        await visit.CellAsync("a", "restarts", "1");
        await visit.CellAsync("b", "cpu", "%");
        await TakeAsync(visit, "dashboard.png");
        await visit.Page.SetViewportSizeAsync(1280, 445);
        await visit.OpenAsync("#/services/a");
        await visit.SeeAsync("killed by SIGKILL");
        await visit.Page.Locator(".log div").First.WaitForAsync();
        await TakeAsync(visit, "service.png");
        foreach (var picture in new[] { "dashboard.png", "service.png" })
            Assert.True(File.Exists(Path.Combine(Places.Repository, "docs/images", picture)), $"docs/images/{picture} is missing: run this test with LIFELINE_UPDATE_DOCS=1");
    }

    private static async Task TakeAsync(Visit visit, string name)
    {
        var folder = Path.Combine(Places.Repository, Environment.GetEnvironmentVariable("LIFELINE_UPDATE_DOCS") == "1" ? "docs/images" : "artifacts/images");
        await visit.Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name) });
    }
}
