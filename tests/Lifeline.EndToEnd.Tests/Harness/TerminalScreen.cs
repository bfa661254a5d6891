namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>A real terminal, of tmux, with a shell in it: keys go in, the screen can be looked at.</summary>
internal sealed class TerminalScreen : IAsyncDisposable
{
    private readonly string server = $"lifeline-{Guid.NewGuid():N}";
    private readonly Daemon daemon;

    private TerminalScreen(Daemon daemon) => this.daemon = daemon;

    /// <summary>The shell finds <c>lifeline</c> on its path, and it finds the daemon's folders.</summary>
    public static async Task<TerminalScreen> OpenAsync(Daemon daemon, int width = 80, int height = 24, string shell = "bash --norc")
    {
        var screen = new TerminalScreen(daemon);
        string[] variables =
        [
            $"PATH={Path.GetDirectoryName(Places.Executable)}:{Environment.GetEnvironmentVariable("PATH")}",
            $"LIFELINE_RUN_DIR={daemon.RunFolder}", $"LIFELINE_STATE_DIR={daemon.StateFolder}", "LANG=C.UTF-8",
        ];
        await screen.TmuxAsync(["-f", "/dev/null", "new-session", "-d", "-x", $"{width}", "-y", $"{height}", "-c", daemon.Folder, "env", "-u", "NO_COLOR", .. variables, .. shell.Split(' ')]);
        await screen.ShowsAsync(text => text.Trim().Length > 0, "a prompt");
        // Bash takes no prompt from the environment of root.
        if (shell.StartsWith("bash", StringComparison.Ordinal)) await screen.TypeAsync("PS1='$ '; clear");
        return screen;
    }

    /// <summary>Types a line.</summary>
    public async Task TypeAsync(string line)
    {
        await TmuxAsync(["send-keys", "-l", line]);
        await PressAsync("Enter");
    }

    /// <summary>Types letters, without an end of line.</summary>
    public Task LettersAsync(string letters) => TmuxAsync(["send-keys", "-l", letters]);

    /// <summary>Presses keys by tmux' names: <c>Up</c>, <c>C-c</c>, <c>Escape</c>, <c>q</c>.</summary>
    public Task PressAsync(params string[] keys) => TmuxAsync(["send-keys", .. keys]);

    public Task ResizeAsync(int width, int height) => TmuxAsync(["resize-window", "-x", $"{width}", "-y", $"{height}"]);

    public async Task<string[]> LinesAsync(bool withColors = false) =>
        (await TmuxAsync(["capture-pane", "-p", .. withColors ? ["-e"] : Array.Empty<string>()])).Split('\n');

    /// <summary>Lines as they were printed: those that the terminal broke are whole again.</summary>
    public async Task<string[]> UnbrokenLinesAsync() => (await TmuxAsync(["capture-pane", "-p", "-J"])).Split('\n');

    public async Task<string> TextAsync() => string.Join('\n', await LinesAsync());

    public Task ShowsAsync(string text) => ShowsAsync(screen => screen.Contains(text, StringComparison.Ordinal), $"\"{text}\"");

    public async Task ShowsAsync(Func<string, bool> condition, string wish)
    {
        var last = "";
        await Eventually.TrueAsync(async () => condition(last = await TextAsync()), () => $"The terminal never showed {wish}, but:\n{last}\n{daemon.Describe()}");
    }

    /// <summary>tmux' variables of the terminal: <c>cursor_flag</c>, <c>alternate_on</c>, <c>wrap_flag</c>.</summary>
    public async Task<string> VariableAsync(string name) => (await TmuxAsync(["display-message", "-p", $"#{{{name}}}"])).Trim();

    private async Task<string> TmuxAsync(IEnumerable<string> arguments) =>
        (await Shell.RunAsync("tmux", ["-L", server, .. arguments], daemon.Folder)).MustSucceed().Output;

    public async ValueTask DisposeAsync() => await Shell.RunAsync("tmux", ["-L", server, "kill-server"], Path.GetTempPath());
}
