using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>What commands print keeps to the width of a real terminal without a word broken; elsewhere nothing is cut.</summary>
public class WidthTests
{
    private const string Text = "the queue of orders is longer than anybody ever saw it since the shop was opened";

    [Theory]
    [InlineData(60)]
    [InlineData(200)]
    public async Task No_word_is_broken(int width)
    {
        await using var daemon = await BrokenShopAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, width, 250);
        foreach (var command in (string[])["events --since 0", "alert list", "status", "status web-front-of-the-shop", "doctor"])
        {
            await terminal.TypeAsync($"clear; lifeline {command}; echo ended with $?");
            await terminal.ShowsAsync("ended with 0");
            var lines = (await terminal.UnbrokenLinesAsync()).Select(line => line.TrimEnd()).TakeWhile(line => line != "ended with 0").Where(line => line.Length > 0).ToList();
            Assert.All(lines, line => Assert.True(line.Length <= width, $"{command}, {line.Length} columns: {line}"));
            var whole = (await daemon.RunAsync(command.Split(' '))).MustSucceed().Output;
            Assert.DoesNotContain('…', whole);
            // Times go on in between; all else is there word by word, or was cut and says so.
            var known = whole.Split([' ', '\n', '/'], StringSplitOptions.RemoveEmptyEntries).ToHashSet();
            Assert.All(
                lines.SelectMany(line => line.Split([' ', '/'], StringSplitOptions.RemoveEmptyEntries)).Where(word => !word.EndsWith('…') && !char.IsAsciiDigit(word[0])),
                word => Assert.True(known.Contains(word), $"{command}: \"{word}\" in\n{string.Join('\n', lines)}"));
            if (command != "status") Assert.True(width == 60 || !lines.Any(line => line.Contains('…')), $"{command} was cut in {width} columns:\n{string.Join('\n', lines)}");
        }
    }

    [Fact]
    public async Task Errors_and_what_is_printed_again_without_colour_keep_to_the_width_too()
    {
        await using var daemon = await BrokenShopAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 60, 50);
        await terminal.TypeAsync("clear; NO_COLOR=1 lifeline top; echo ended with $?");
        await terminal.ShowsAsync("ended with 2");
        var lines = (await terminal.UnbrokenLinesAsync()).Select(line => line.TrimEnd()).ToList();
        Assert.Contains("  \"NO_COLOR= lifeline top\" allows it; \"lifeline status", lines);
        Assert.Contains("  --watch\" prints changes anywhere", lines);

        await terminal.TypeAsync("clear; NO_COLOR=1 lifeline status --watch");
        await terminal.ShowsAsync("failed");
        Assert.All(await terminal.UnbrokenLinesAsync(), line => Assert.True(line.TrimEnd().Length <= 60, $"{line.TrimEnd().Length} columns: {line}"));
    }

    [Fact]
    public async Task Events_show_the_id_after_which_one_can_go_on()
    {
        await using var daemon = await BrokenShopAsync();
        var lines = (await daemon.RunAsync("events", "--since", "0", "--service", "web*", "--service", "till", "--kind", "service.status", "--kind", "alert.*")).MustSucceed().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var events = await daemon.EventsAsync("--service", "web*", "--service", "till", "--kind", "service.status", "--kind", "alert.*");
        Assert.Equal(events.Select(happened => happened.Id().ToString(System.Globalization.CultureInfo.InvariantCulture)), lines.Select(line => line.Trim().Split(' ')[0]));
        Assert.Equal(["alert.raised", "service.status"], events.Select(happened => happened.Kind()).Where(kind => kind is "alert.raised" or "service.status").Order());
        Assert.Equal(2, events.Select(happened => happened.Service()).Distinct().Count());
        var after = (await daemon.RunAsync("events", "--since", $"{events[0].Id()}", "--service", "web-front-of-the-shop,till", "-n", "1")).MustSucceed().Output;
        Assert.Equal(lines[^1], after.TrimEnd('\n'));
    }

    // One that tells a long text, and one that failed, of which an alert tells.
    private static async Task<Daemon> BrokenShopAsync()
    {
        var daemon = new Daemon($$"""
            [services.web-front-of-the-shop]
            command = ["sh", "-c", '"$LIFELINE_EXECUTABLE" report --text "{{Text}}" --field queue=123456 --ready; exec sleep 1000']
            inherit_env = ["PATH", "LIFELINE_EXECUTABLE"]
            [services.till]
            command = ["sh", "-c", "exit 3"]
            max_restarts = 0
            failed_retry = "never"
            [alerts.file]
            command = ["cat"]
            on = ["failed"]
            """);
        daemon.Environment["LIFELINE_EXECUTABLE"] = Places.Executable;
        await daemon.RunAsync("up", "-d", daemon.ConfigurationFile);
        await daemon.EventAsync("alert.delivered", "till");
        await daemon.ServiceAsync("web-front-of-the-shop", service => service.StatusText() == Text, "its text");
        return daemon;
    }
}
