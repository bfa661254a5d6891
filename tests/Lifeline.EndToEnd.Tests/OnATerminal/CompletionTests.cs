using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.OnATerminal;

/// <summary>The Tab key in real shells on a real terminal.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("bash --norc", "source <(lifeline completion bash)")]
    [InlineData("HOME={folder} zsh -f", "autoload -Uz compinit; compinit -u -D; source <(lifeline completion zsh)")]
    [InlineData("HOME={folder} fish --no-config", "lifeline completion fish | source")]
    public async Task Tab_offers_the_services_that_there_are(string shell, string prepare)
    {
        await using var daemon = await new Daemon("""
            [services.orders-web]
            command = ["sleep", "1000"]
            [services.orders-db]
            command = ["sleep", "1000"]
            [services.mail]
            command = ["sleep", "1000"]
            """).UpAsync();
        await using var terminal = await TerminalScreen.OpenAsync(daemon, 120, shell: shell.Replace("{folder}", daemon.Folder, StringComparison.Ordinal));
        await terminal.TypeAsync($"{prepare}; echo pre\"par\"ed");
        await terminal.ShowsAsync("prepared");

        await ClearAsync(terminal);
        await terminal.LettersAsync("lifeline restart ");
        await terminal.PressAsync("Tab", "Tab");
        await terminal.ShowsAsync(Names("orders-web", "orders-db", "mail"), "all services");

        // Only one begins with this: the word is completed, and the command does what it says.
        await ClearAsync(terminal);
        await terminal.LettersAsync("lifeline restart ma");
        await terminal.PressAsync("Tab");
        await terminal.ShowsAsync("lifeline restart mail");
        await terminal.PressAsync("Enter");
        await daemon.RunningAsync("mail", 2);

        // A service that came meanwhile is offered too.
        await File.AppendAllTextAsync(daemon.ConfigurationFile, "\n[services.orders-new]\ncommand = [\"sleep\", \"1000\"]\n");
        (await daemon.RunAsync("reload")).MustSucceed();
        await daemon.RunningAsync("orders-new");
        await ClearAsync(terminal);
        await terminal.LettersAsync("lifeline restart or");
        await terminal.PressAsync("Tab");
        await terminal.ShowsAsync("lifeline restart orders-");
        await terminal.PressAsync("Tab", "Tab");
        await terminal.ShowsAsync(Names("orders-web", "orders-db", "orders-new"), "the new service too");
    }

    private static async Task ClearAsync(TerminalScreen terminal)
    {
        var sign = Guid.NewGuid().ToString("N")[..8];
        await terminal.PressAsync("C-c");
        await terminal.TypeAsync($"clear; echo cle\"are\"d {sign}");
        await terminal.ShowsAsync($"cleared {sign}");
    }

    private static Func<string, bool> Names(params string[] names) => screen =>
    {
        var words = screen.Split([' ', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return names.All(words.Contains);
    };
}
