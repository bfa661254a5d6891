using System.Text;
using Lifeline.Cli;

namespace Lifeline.Tests.Cli;

/// <summary>Runs commands in this process, with folders of their own and captured output.</summary>
internal sealed class CommandRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public string Folder { get; } = Directory.CreateTempSubdirectory("lifeline-cli-").FullName;

    public string RunFolder => Path.Combine(Folder, "run");

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>As if standard output were a terminal, with colour.</summary>
    public bool IsTerminal { get; set; }

    /// <summary>Columns of that terminal.</summary>
    public int Width { get; set; } = 80;

    public TimeProvider Time { get; set; } = new FixedTime(DateTimeOffset.UnixEpoch.AddHours(1));

    public string Write(string name, string text)
    {
        File.WriteAllText(Path.Combine(Folder, name), text);
        return Path.Combine(Folder, name);
    }

    public FakeMonitor Monitor() => new(RunFolder);

    public (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var context = Context(new StringWriter(), new StringWriter());
        var code = CommandLine.Run(WithFolders(arguments), context);
        return (code, context.Output.ToString()!, context.Error.ToString()!);
    }

    /// <summary>Runs a command that does not end by itself: once its output holds the first text, something happens; once it holds the others, Ctrl-C.</summary>
    public async Task<(int ExitCode, string Output, string Error)> RunUntilAsync(string begun, Func<Task> meanwhile, string[] reached, params string[] arguments)
    {
        var output = new WatchedWriter();
        using var context = Context(output, new StringWriter());
        var run = Task.Factory.StartNew(() => CommandLine.Run(WithFolders(arguments), context), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAny(output.Holds([begun]), run).WaitAsync(Patience);
        await meanwhile();
        await Task.WhenAny(output.Holds(reached), run).WaitAsync(Patience);
        context.Interrupt();
        return (await run.WaitAsync(Patience), output.ToString(), context.Error.ToString()!);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private CliContext Context(TextWriter output, TextWriter error) => new()
    {
        Output = output,
        Error = error,
        Variable = name => Variables.GetValueOrDefault(name),
        Variables = () => Variables,
        CurrentFolder = Folder,
        UserId = 1000,
        Time = Time,
        IsTerminal = IsTerminal,
        Color = IsTerminal,
        Width = Width,
    };

    // Before a "--": after it they would be names.
    private string[] WithFolders(string[] arguments)
    {
        var at = Array.IndexOf(arguments, "--") is var index and >= 0 ? index : arguments.Length;
        if (arguments.Contains("--run-dir")) return arguments;
        return [.. arguments[..at], "--run-dir", RunFolder, "--state-dir", Path.Combine(Folder, "state"), .. arguments[at..]];
    }

    private sealed class WatchedWriter : TextWriter
    {
        private readonly StringBuilder text = new();
        private readonly List<(string[] Texts, TaskCompletionSource Done)> waiting = [];

        public override Encoding Encoding => Encoding.UTF8;

        public Task Holds(string[] texts)
        {
            lock (text)
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                waiting.Add((texts, done));
                Look();
                return done.Task;
            }
        }

        public override void Write(char value)
        {
            lock (text) text.Append(value);
        }

        public override void Flush()
        {
            lock (text) Look();
        }

        public override string ToString()
        {
            lock (text) return text.ToString();
        }

        private void Look()
        {
            var now = text.ToString();
            foreach (var (texts, done) in waiting)
                if (texts.All(wanted => now.Contains(wanted, StringComparison.Ordinal))) done.TrySetResult();
        }
    }
}

/// <summary>A wall clock that stands still; timers and time stamps go on.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;
}
