using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

public partial class DocumentationTests
{
    [Fact]
    public async Task The_page_about_programs_made_for_systemd_works_as_written()
    {
        var page = await ReadAsync("docs/guide/sd-notify.md");
        await using var daemon = new Daemon(TomlBlock().Match(page).Groups[1].Value);
        var commands = Commands(page);
        Assert.Contains("lifeline reload queue", commands);
        foreach (var command in commands)
        {
            (await TypeAsync(daemon, command)).MustSucceed();
            if (command == "lifeline status queue")
                await daemon.ServiceAsync("queue", s => s.StatusText() == "waiting for work", "its text");
            else if (command == "lifeline reload queue")
                await daemon.ServiceAsync("queue", s => s.StatusText() == "new rules", "its text after the reload");
        }
    }
}
