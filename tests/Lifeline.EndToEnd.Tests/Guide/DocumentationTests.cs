using System.Text.RegularExpressions;
using Lifeline.EndToEnd.Tests.Harness;

namespace Lifeline.EndToEnd.Tests.Guide;

/// <summary>Types what the documentation tells its readers to type.</summary>
public partial class DocumentationTests
{
    [Fact]
    public async Task First_steps_work_as_written()
    {
        var page = await ReadAsync("docs/guide/first-steps.md");
        await using var daemon = new Daemon(TomlBlock().Match(page).Groups[1].Value);
        var commands = Commands(page);
        Assert.Contains("lifeline down", commands);
        foreach (var command in commands)
        {
            (await TypeAsync(daemon, command)).MustSucceed();
            if (command.Contains("up -d", StringComparison.Ordinal))
                await daemon.RunningAsync("hello");
        }
    }

    [Fact]
    public async Task The_quickstart_does_what_its_page_says()
    {
        var page = await ReadAsync("samples/quickstart/README.md");
        await using var daemon = new Daemon("");
        daemon.ConfigurationFile = Path.Combine(Places.Repository, "samples/quickstart/lifeline.toml");
        await daemon.UpAsync();
        var first = await daemon.ServiceAsync("a", s => s.StatusText() is not null, "reporting");
        foreach (var command in Commands(page).Where(c => c.Contains("lifeline", StringComparison.Ordinal)))
        {
            // What follows for ever is ended as a reader would end it.
            var follows = command.Contains(" -f", StringComparison.Ordinal) || command.Contains("--watch", StringComparison.Ordinal);
            (await TypeAsync(daemon, follows ? $"timeout --preserve-status -s INT 2 {command}" : command)).MustSucceed();
            if (command.StartsWith("kill -9", StringComparison.Ordinal))
                await daemon.RunningAsync("a", first.Generation() + 1);
        }

        var reclaimed = await daemon.EventAsync("service.reclaimed", "a", first.Generation());
        var kinds = reclaimed.Data().GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("kind").GetString()).ToList();
        Assert.Contains("process", kinds);
        Assert.Contains("session", kinds);
        Assert.True(kinds.Contains("claim") || kinds.Contains("path"), string.Join(' ', kinds));
    }

    [Fact]
    public async Task The_configuration_guide_shows_what_check_prints()
    {
        var page = await ReadAsync("docs/guide/configuration.md");
        Assert.Equal(["lifeline check"], Commands(page));
        await using var daemon = new Daemon("[services.orders]\ncomand = [\"dotnet\", \"Orders.dll\"]\n");
        Assert.Contains($"$ lifeline check\n{(await TypeAsync(daemon, "lifeline check")).MustExit(2).Errors}```", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_about_imports_shows_what_is_printed()
    {
        var page = await ReadAsync("docs/guide/import.md");
        await using var daemon = new Daemon("").With("supervisord.conf", """
            [unix_http_server]
            file=/run/supervisor.sock
            [supervisord]
            nodaemon=true
            [program:web]
            command=sleep 1000
            stdout_logfile=/var/log/web.log
            stderr_logfile=/var/log/web.err
            [program:worker]
            command=sleep 1000
            startsecs=5
            stdout_logfile=/var/log/worker.log
            [program:mail]
            command=sleep 1000
            """);
        File.Delete(daemon.ConfigurationFile);
        foreach (var command in Commands(page))
        {
            var result = (await TypeAsync(daemon, command)).MustSucceed();
            Assert.Contains($"$ {command}\n{(result.Output + result.Errors).Replace(daemon.Folder, "/srv/shop", StringComparison.Ordinal)}", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_page_about_healths_example_is_valid()
    {
        var page = await ReadAsync("docs/guide/health.md");
        await using var daemon = new Daemon(TomlBlock().Match(page).Groups[1].Value);
        foreach (var command in Commands(page))
            (await TypeAsync(daemon, command)).MustSucceed();
    }

    [Fact]
    public async Task Every_command_of_the_page_about_http_works()
    {
        var page = await ReadAsync("docs/guide/http.md");
        await using var daemon = new Daemon("[monitor]\nhttp = \"127.0.0.1:0\"\n[services.hello]\ncommand = \"echo hello; exec sleep 1000\"");
        await daemon.UpAsync();
        var commands = Commands(page);
        Assert.True(commands.Count(c => c.Contains("curl", StringComparison.Ordinal)) > 15);
        var variables = string.Join('\n', commands.Where(c => VariableLine().IsMatch(c)));
        foreach (var command in commands.Where(c => !VariableLine().IsMatch(c)))
        {
            (await TypeAsync(daemon, $"{variables}\n{command}")).MustSucceed();
            if (command.Contains("/start", StringComparison.Ordinal) || command.Contains("/restart", StringComparison.Ordinal))
                await daemon.RunningAsync("hello");
        }
    }

    [Fact]
    public async Task The_front_pages_command_works_through_dotnet_run()
    {
        var page = await ReadAsync("README.md");
        var command = page.Split('\n').First(line => line.StartsWith("dotnet run", StringComparison.Ordinal)).Split('#')[0].Trim();
        Assert.Equal("dotnet run --project src/Lifeline -- up samples/quickstart/lifeline.toml", command);
        await using var daemon = new Daemon("");
        var typed = command.Replace("dotnet run", "dotnet run --no-build", StringComparison.Ordinal).Replace(" up ", " up -d ", StringComparison.Ordinal);
        (await Shell.RunAsync("sh", ["-c", $"{typed} --run-dir {daemon.RunFolder} --state-dir {daemon.StateFolder}"], Places.Repository)).MustSucceed();
        await daemon.ServiceAsync("disk", s => s.StatusText() is not null, "reporting");
    }

    [Fact]
    public async Task HelloStub_calls_posts_and_hears_of_a_death()
    {
        var result = await Shell.RunAsync("dotnet", ["run", "--no-build", "--project", Path.Combine(Places.Repository, "samples/HelloStub")]);
        result.MustSucceed();
        Assert.NotEmpty(result.Output);
    }

    [Fact]
    public async Task SharedMemory_passes_a_block_a_stream_and_a_board()
    {
        var page = await ReadAsync("docs/guide/shared-memory.md");
        Assert.Contains("dotnet run --project samples/SharedMemory", page);
        var result = await Shell.RunAsync("dotnet", ["run", "--no-build", "--project", Path.Combine(Places.Repository, "samples/SharedMemory")]);
        result.MustSucceed();
        Assert.Contains("a block:  64 MiB", result.Output);
        Assert.Contains("a stream: a file of 96 MiB", result.Output);
        Assert.Contains("a board:  2000000 reads", result.Output);
        Assert.EndsWith("done\n", result.Output);
    }

    private static Task<string> ReadAsync(string page) => File.ReadAllTextAsync(Path.Combine(Places.Repository, page));

    private static List<string> Commands(string page) => [.. new Page("", page).Typed.Where(command => !GuideTests.Exceptions.ContainsKey(command))];

    private static Task<CommandResult> TypeAsync(Daemon daemon, string command) =>
        Shell.RunAsync("sh", ["-c", command], daemon.Folder, new Dictionary<string, string>
        {
            ["PATH"] = Path.GetDirectoryName(Places.Executable) + ":" + Environment.GetEnvironmentVariable("PATH"),
            ["LIFELINE_RUN_DIR"] = daemon.RunFolder,
            ["LIFELINE_STATE_DIR"] = daemon.StateFolder,
        });

    [GeneratedRegex("^[A-Z]+=")]
    private static partial Regex VariableLine();

    [GeneratedRegex("```toml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex TomlBlock();
}
