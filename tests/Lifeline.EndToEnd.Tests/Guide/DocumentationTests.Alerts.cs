using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

public partial class DocumentationTests
{
    [Fact]
    public async Task The_page_about_alerts_shows_valid_configurations_and_commands_that_work()
    {
        var page = await ReadAsync("docs/guide/alerts.md");
        var examples = TomlBlock().Matches(page).Select(match => match.Groups[1].Value).ToList();
        await using (var all = new Daemon(string.Concat(examples)))
            (await TypeAsync(all, "lifeline check")).MustSucceed();
        await using var daemon = await new Daemon(examples[0]).UpAsync();
        var commands = Commands(page);
        Assert.NotEmpty(commands);
        foreach (var command in commands)
            (await TypeAsync(daemon, command)).MustSucceed();
        Assert.Contains("\"rule\":\"test\"", Daemon.ReadIfThere(Path.Combine(daemon.Folder, "alerts.jsonl")), StringComparison.Ordinal);
    }
}
