using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

public partial class DocumentationTests
{
    [Fact]
    public async Task The_page_about_output_works_as_written()
    {
        var page = await ReadAsync("docs/guide/logs.md");
        var limits = TomlBlock().Match(page).Groups[1].Value;
        await using var daemon = new Daemon($"""
            [services.orders]
            command = "echo taken; echo odd >&2; exec sleep 1000"
            {limits}
            [services.db]
            command = "echo open; exec sleep 1000"
            """);
        await daemon.UpAsync();
        await daemon.RunningAsync("orders");
        await daemon.ServiceAsync("orders", s => s.GetProperty("log").GetProperty("kept_bytes").GetInt64() > 0, "writing");
        foreach (var command in Commands(page))
        {
            var ends = command.Contains(" -f", StringComparison.Ordinal) ? $"timeout --preserve-status -s INT 2 {command}" : command;
            Assert.Contains("taken", (await TypeAsync(daemon, ends)).MustSucceed().Output);
        }

        var log = (await daemon.ServiceAsync("orders", _ => true, "there")).GetProperty("log");
        Assert.Equal((0, 0), (log.GetProperty("lost_bytes").GetInt64(), log.GetProperty("cut_lines").GetInt64()));
    }
}
