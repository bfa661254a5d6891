using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary><c>lifeline status --watch</c> shows below the services what must not be overlooked, as <c>status</c> does.</summary>
public class WatchTests
{
    private const string Shop = """
        [services.till]
        command = ["sh", "-c", 'while [ ! -e mended ]; do "$LIFELINE_EXECUTABLE" report --health unhealthy --text "no paper"; sleep 1; done; "$LIFELINE_EXECUTABLE" report --text fine; exec sleep 1000']
        inherit_env = ["PATH", "LIFELINE_EXECUTABLE"]
        [services.many]
        command = ["sleep", "1000"]
        instances = 40
        autostart = false
        [alerts.file]
        command = ["sh", "-c", "cat >> told"]
        [alerts.deaf]
        command = ["sh", "-c", "echo nobody listens; exit 1"]
        """;

    [Fact]
    public async Task On_a_terminal_it_stays_in_the_last_lines_and_goes_when_it_is_over()
    {
        await using var daemon = await ShopAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 80, 24);
        await terminal.TypeAsync("lifeline status --watch");
        await terminal.ShowsAsync("1 alert open: \"lifeline alert list\"");
        await terminal.ShowsAsync("deaf (command): 1 alert not delivered yet");
        await terminal.ShowsAsync("more: \"lifeline top\" scrolls");
        var lines = await terminal.LinesAsync();
        Assert.StartsWith("NAME", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("till", lines[1], StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(daemon.Folder, "mended"), "");
        await terminal.ShowsAsync(screen => screen.Contains("fine", StringComparison.Ordinal) && !screen.Contains("alert open", StringComparison.Ordinal), "no open alert");
        await terminal.PressAsync("C-c");
        await terminal.ShowsAsync(screen => screen.TrimEnd().EndsWith('$'), "the prompt of the shell again");
        Assert.Contains("deaf (command)", await terminal.TextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Elsewhere_it_is_printed_with_each_change()
    {
        await using var daemon = await ShopAsync();
        var status = (await daemon.RunAsync("status")).MustSucceed().Output;
        Assert.Contains("1 alert open", status, StringComparison.Ordinal);
        var watched = await Shell.RunAsync("timeout", ["--preserve-status", "-s", "INT", "3", Places.Executable, "status", "--watch", "--run-dir", daemon.RunFolder]);
        Assert.Contains("\n1 alert open: \"lifeline alert list\"\n", watched.MustSucceed().Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', watched.Output);
    }

    private static async Task<Daemon> ShopAsync()
    {
        var daemon = new Daemon(Shop);
        daemon.Environment["LIFELINE_EXECUTABLE"] = Places.Executable;
        await daemon.UpAsync();
        await daemon.EventAsync("alert.delivered", "till");
        return daemon;
    }
}
