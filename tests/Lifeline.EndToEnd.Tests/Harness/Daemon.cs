using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Lifeline.EndToEnd.Tests.Harness;

/// <summary>One Lifeline with folders of its own; whatever it started is gone after disposal.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly Dictionary<string, string> _environment = [];

    public Daemon(string configuration)
    {
        Folder = Directory.CreateTempSubdirectory("lifeline-e2e-").FullName;
        RunFolder = Path.Combine(Folder, "run");
        StateFolder = Path.Combine(Folder, "state");
        ConfigurationFile = Path.Combine(Folder, "lifeline.toml");
        File.WriteAllText(ConfigurationFile, configuration.Replace("{folder}", Folder, StringComparison.Ordinal));
    }

    public string Folder { get; }

    public string RunFolder { get; }

    public string StateFolder { get; }

    public string ConfigurationFile { get; set; }

    public IDictionary<string, string> Environment => _environment;

    public Task<CommandResult> RunAsync(params string[] arguments) =>
        Shell.RunAsync(Places.Executable, [.. arguments, "--run-dir", RunFolder, "--state-dir", StateFolder], Folder, _environment);

    /// <summary>A file beside the configuration.</summary>
    public Daemon With(string name, string text)
    {
        File.WriteAllText(Path.Combine(Folder, name), text);
        return this;
    }

    public async Task<Daemon> UpAsync()
    {
        var result = await RunAsync("up", "-d", ConfigurationFile);
        if (result.ExitCode != 0)
            Assert.Fail($"`up -d` ended with {result.ExitCode}.\n{result.Output}\n{result.Errors}\n{await DescribeAsync()}");
        return this;
    }

    public int KeeperPid => ReadPid("keeper.pid");

    public int MonitorPid => ReadPid("monitor.pid");

    private int ReadPid(string file) =>
        int.TryParse(ReadIfThere(Path.Combine(RunFolder, file)).Trim(), out var pid) ? pid : 0;

    /// <summary>Ends keeper and monitor together. Frozen first: a monitor that outlives its keeper by a moment would start another.</summary>
    public async Task KillBothAsync()
    {
        int keeper = KeeperPid, monitor = MonitorPid;
        Processes.Kill(keeper, Processes.Stop);
        Processes.Kill(monitor, Processes.Stop);
        Processes.Kill(keeper);
        Processes.Kill(monitor);
        await Processes.GoneAsync(keeper);
        await Processes.GoneAsync(monitor);
    }

    public async Task<JsonElement[]> StatusAsync()
    {
        var result = (await RunAsync("status", "--json")).MustSucceed();
        return [.. JsonDocument.Parse(result.Output).RootElement.EnumerateArray()];
    }

    /// <summary>The snapshot of one service, or null while no monitor answers.</summary>
    public async Task<JsonElement?> TryServiceAsync(string name)
    {
        var result = await RunAsync("status", "--json", name);
        return result.ExitCode == 0 ? JsonDocument.Parse(result.Output).RootElement[0] : null;
    }

    public async Task<JsonElement> ServiceAsync(string name, Func<JsonElement, bool> condition, string wish)
    {
        JsonElement? last = null;
        var found = await Eventually.GetAsync<object>(
            async () => (last = await TryServiceAsync(name)) is { } service && condition(service) ? service : null,
            () => $"{name} never came to this: {wish}. Last seen: {last}\n{Describe()}");
        return (JsonElement)found;
    }

    public Task<JsonElement> RunningAsync(string name, int atLeastGeneration = 1) =>
        ServiceAsync(name, s => s.State() == "running" && s.Generation() >= atLeastGeneration, $"running, generation {atLeastGeneration} or later");

    public async Task<JsonElement[]> EventsAsync(params string[] more)
    {
        var result = (await RunAsync(["events", "--json", "--since", "0", .. more])).MustSucceed();
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
    }

    public async Task<JsonElement> EventAsync(string kind, string service, int generation = 0)
    {
        var found = await Eventually.GetAsync<object>(
            async () =>
            {
                var events = await EventsAsync("--service", service);
                var match = events.FirstOrDefault(e => e.Kind() == kind && (generation == 0 || e.Generation() == generation));
                return match.ValueKind == JsonValueKind.Undefined ? null : match;
            },
            () => $"No {kind} of {service} (generation {generation}) was recorded.\n{Describe()}");
        return (JsonElement)found;
    }

    public string Describe() => DescribeAsync().GetAwaiter().GetResult();

    private async Task<string> DescribeAsync()
    {
        var text = new StringBuilder();
        foreach (var file in Directory.Exists(RunFolder) ? Directory.GetFiles(RunFolder, "*.log") : [])
            text.AppendLine($"--- {Path.GetFileName(file)}").AppendLine(ReadIfThere(file));
        if (File.Exists(Path.Combine(RunFolder, "keeper.pid")))
        {
            var events = await RunAsync("events", "--json", "--since", "0");
            text.AppendLine("--- events").AppendLine(Last(events.Output, 60)).AppendLine(events.Errors);
        }

        return text.ToString();
    }

    private static string Last(string text, int lines) =>
        string.Join('\n', text.Split('\n').TakeLast(lines));

    public static string ReadIfThere(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (KeeperPid != 0)
            await RunAsync("down");
        KillLeftovers();
        try
        {
            Directory.Delete(Folder, recursive: true);
        }
        catch (IOException)
        {
            // A process that is just ending may still write into its folder; the system clears its temporary files.
        }
    }

    /// <summary>Whatever still names our folder was started by this daemon; a failed test must not leave it behind.</summary>
    private void KillLeftovers()
    {
        foreach (var pid in Processes.WithEnvironment(Folder))
            Processes.Kill(pid);
    }
}
