using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary><c>lifeline top</c>, driven by keys on a real terminal.</summary>
public class TopTests
{
    private const string Three = """
        [services.web]
        command = ["sh", "-c", "echo printed by web; exec sleep 1000"]
        [services.burner]
        command = ["sh", "-c", "while :; do :; done"]
        nice = 19
        [services.idle]
        command = ["sleep", "1000"]
        """;

    [Fact]
    public async Task Its_keys_choose_order_filter_and_act()
    {
        await using var daemon = await new Daemon(Three).UpAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 110);
        await terminal.TypeAsync("lifeline top");
        await terminal.ShowsAsync("3 services: 3 running");
        await terminal.PressAsync("C");
        await terminal.ShowsAsync(screen => screen.Contains("CPU%↓", StringComparison.Ordinal) && screen.Split('\n')[2].Contains("burner", StringComparison.Ordinal), "burner first, by processor time");
        await terminal.PressAsync("N");
        await terminal.ShowsAsync(screen => screen.Split('\n')[4].Contains("web", StringComparison.Ordinal), "web last, by name");

        await terminal.PressAsync("End", "l");
        await terminal.ShowsAsync("printed by web");
        await terminal.PressAsync("Escape");
        await terminal.ShowsAsync("burner");

        await terminal.PressAsync("End", "r");
        await terminal.ShowsAsync("restart web?  y/n");
        await terminal.PressAsync("y");
        await daemon.RunningAsync("web", 2);
        await terminal.PressAsync("s");
        await terminal.ShowsAsync("stop web?  y/n");
        await terminal.PressAsync("n");
        await terminal.ShowsAsync("nothing was done");
        await terminal.PressAsync("s", "y");
        await terminal.ShowsAsync("1 stopped");
        await terminal.PressAsync("u", "y");
        await terminal.ShowsAsync("3 services: 3 running");

        await terminal.LettersAsync("/id");
        await terminal.ShowsAsync(screen => screen.Contains("idle", StringComparison.Ordinal) && !screen.Contains("burner", StringComparison.Ordinal), "only idle");
        await terminal.PressAsync("Enter", "?");
        await terminal.ShowsAsync("each asks before it acts");
        await terminal.PressAsync("Escape");
        await terminal.ShowsAsync("q quit");
        await terminal.PressAsync("q");
        await terminal.ShowsAsync(screen => screen.TrimEnd().EndsWith('$'), "the prompt of the shell again");
        await TerminalIsAsBeforeAsync(terminal);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(40, 15)]
    public async Task It_keeps_to_the_size_of_the_terminal_also_when_that_changes(int width, int height)
    {
        await using var daemon = await new Daemon(Three).UpAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 100, 30);
        await terminal.TypeAsync("lifeline top");
        await terminal.ShowsAsync("3 services: 3 running");
        await terminal.ResizeAsync(width, height);
        await terminal.ShowsAsync(screen => screen.Split('\n') is var lines && lines[height - 1].TrimEnd().EndsWith("q quit", StringComparison.Ordinal)
            && lines[1].Contains("CPU%", StringComparison.Ordinal) && lines[1].Contains("MEMORY", StringComparison.Ordinal) && lines[2].StartsWith(" web", StringComparison.Ordinal), $"a picture of {width}x{height}");
        Assert.All(await terminal.LinesAsync(), line => Assert.True(line.Length <= width));
    }

    [Fact]
    public async Task After_CtrlC_and_after_the_end_of_Lifeline_the_terminal_is_as_before()
    {
        await using var daemon = await new Daemon(Three).UpAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon);
        await terminal.TypeAsync("lifeline top");
        await terminal.ShowsAsync("3 services: 3 running");
        Assert.Equal("1", await terminal.VariableAsync("alternate_on"));
        await terminal.PressAsync("C-c");
        await terminal.ShowsAsync(screen => screen.TrimEnd().EndsWith('$'), "the prompt of the shell again");
        await TerminalIsAsBeforeAsync(terminal);

        await terminal.TypeAsync("clear; lifeline top; echo ended with $?");
        await terminal.ShowsAsync("3 services: 3 running");
        var monitor = daemon.MonitorPid;
        Processes.Kill(monitor);
        await Eventually.TrueAsync(() => daemon.MonitorPid is var pid && pid != 0 && pid != monitor, "There is no other monitor.");
        await terminal.PressAsync("M");
        await terminal.ShowsAsync("MEMORY↓");
        (await daemon.RunAsync("down")).MustSucceed();
        await terminal.ShowsAsync("ended with 3");
        Assert.Contains("lifeline: the monitor has ended", await terminal.TextAsync(), StringComparison.Ordinal);
        await TerminalIsAsBeforeAsync(terminal);
    }

    [Fact]
    public async Task A_thousand_services_are_scrolled_through()
    {
        await using var daemon = await new Daemon("""
            [services.many]
            command = ["sleep", "1000"]
            instances = 1000
            autostart = false
            """).UpAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon);
        await terminal.TypeAsync("lifeline top");
        await terminal.ShowsAsync("1000 services");
        await terminal.PressAsync("End");
        await terminal.ShowsAsync("many.1000 ");
        await terminal.PressAsync("Home", "PageDown", "PageDown");
        await terminal.ShowsAsync("many.43 ");
        await terminal.LettersAsync("/.777");
        await terminal.ShowsAsync(screen => screen.Contains("many.777 ", StringComparison.Ordinal) && !screen.Contains("many.43 ", StringComparison.Ordinal), "only many.777");
        await terminal.PressAsync("Enter", "q");
        await terminal.ShowsAsync(screen => screen.TrimEnd().EndsWith('$'), "the prompt of the shell again");
    }

    private static async Task TerminalIsAsBeforeAsync(TerminalScreen terminal)
    {
        Assert.Equal(["0", "1", "1"], [await terminal.VariableAsync("alternate_on"), await terminal.VariableAsync("cursor_flag"), await terminal.VariableAsync("wrap_flag")]);
        Assert.Equal(["0", "0"], [await terminal.VariableAsync("keypad_flag"), await terminal.VariableAsync("keypad_cursor_flag")]);
        await terminal.TypeAsync("clear; stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon|isig)' | xargs");
        await terminal.ShowsAsync("isig icanon echo");
    }
}
