using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Scenarios;

/// <summary>Real shells complete commands, options and the names of the services that there are.</summary>
public class ShellTests
{
    [Theory]
    [InlineData("bash", "status web-", "web-1\nweb-2\n")]
    [InlineData("bash", "re", "reload\nreport\nrestart\n")]
    [InlineData("bash", "kill -s HU", "HUP\n")]
    [InlineData("zsh", "status web-", "web-1:running, unknown\nweb-2:running, unknown\n")]
    [InlineData("fish", "status web-", "web-1\trunning, unknown\nweb-2\trunning, unknown\n")]
    public async Task A_shell_completes(string shell, string typed, string expected)
    {
        await using var daemon = new Daemon("""
            [services.web-1]
            command = ["sleep", "1000"]
            [services.web-2]
            command = ["sleep", "1000"]
            """);
        await daemon.UpAsync();
        await daemon.RunningAsync("web-1");
        await daemon.RunningAsync("web-2");
        var lifeline = Path.GetDirectoryName(Places.Executable);
        var script = shell switch
        {
            "bash" => $"source <(lifeline completion bash); COMP_WORDS=(lifeline {typed}); COMP_CWORD=$(({typed.Split(' ').Length})); _lifeline; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            // The completion system itself needs a terminal: what our function gives it is what counts.
            "zsh" => $"_describe() {{ print -l -- ${{(P)2}} }}; source <(lifeline completion zsh); words=(lifeline {typed}); CURRENT=$#words; _lifeline",
            _ => $"lifeline completion fish | source; complete -C 'lifeline {typed}'",
        };
        var result = await Shell.RunAsync(shell, ["-c", script], daemon.Folder, new Dictionary<string, string>
        {
            ["PATH"] = lifeline + ":" + Environment.GetEnvironmentVariable("PATH"),
            ["LIFELINE_RUN_DIR"] = daemon.RunFolder,
            ["LIFELINE_STATE_DIR"] = daemon.StateFolder,
            ["HOME"] = daemon.Folder,
        });
        result.MustSucceed();
        Assert.Equal("", result.Errors);
        Assert.Equal(expected, result.Output);
    }

    [Fact]
    public async Task The_manual_page_is_one_and_names_every_command()
    {
        await using var daemon = new Daemon("");
        var page = Path.Combine(daemon.Folder, "lifeline.1");
        await File.WriteAllTextAsync(page, (await daemon.RunAsync("man")).MustSucceed().Output);
        (await Shell.RunAsync("mandoc", ["-T", "lint", "-W", "error", page])).MustSucceed();
        var shown = (await Shell.RunAsync("mandoc", ["-T", "html", page])).MustSucceed().Output;
        var commands = (await daemon.RunAsync("--help")).MustSucceed().Output.Split("Commands:")[1].Split('\n')
            .Where(line => line.Length > 2 && line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ').Select(line => line.Trim().Split(' ')[0]).ToList();
        Assert.Contains("up", commands);
        foreach (var command in commands) Assert.Contains($"id=\"lifeline_{command}", shown, StringComparison.Ordinal);
    }
}
