using System.Globalization;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary>
/// Prints the lines of one service as they are, those of several with their names; on a terminal without what could harm it. Thread-safe.
/// </summary>
internal sealed class LogPrinter
{
    private static readonly int[] Colors = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

    private readonly CliContext context;
    private readonly bool timestamps;
    private readonly bool json;
    private readonly Dictionary<string, string> prefixes = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    // The stream whose line was printed in part, if the cursor stands behind it.
    private LogStream? begun;

    /// <remarks><paramref name="all"/>: every service there is, in order: a service has the same colour whichever others are shown.</remarks>
    public LogPrinter(CliContext context, IReadOnlyList<string> services, IReadOnlyList<string> all, bool timestamps, bool json = false)
    {
        this.context = context;
        this.timestamps = timestamps;
        this.json = json;
        if (services.Count == 1)
        {
            prefixes[services[0]] = "";
            return;
        }
        var width = services.Max(service => service.Length);
        var shown = services.ToHashSet(StringComparer.Ordinal);
        foreach (var (index, service) in all.Index().Where(known => shown.Contains(known.Item)))
        {
            var prefix = service.PadRight(width) + " | ";
            prefixes[service] = context.Color ? $"\e[{Colors[index % Colors.Length]}m{prefix}\e[0m" : prefix;
        }
    }

    /// <summary>Whoever read the output is gone.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Prints lines that have just arrived.</summary>
    public void Print(string service, LogChunk chunk)
    {
        lock (gate)
        {
            if (chunk.Gap)
            {
                EndBegun();
                context.Output.Flush();
                context.Say($"{service}: some lines were removed by rotation before they could be printed");
            }
            PrintKept(service, chunk);
            context.Output.Flush();
        }
    }

    /// <summary>Prints what is kept of all, merged by time.</summary>
    public async Task PrintPastAsync(IReadOnlyList<LogFollower> tails, MonitorAdminProxy admin, CancellationToken cancellation)
    {
        if (tails.Count == 1)
        {
            await foreach (var chunk in tails[0].ReadPastAsync(admin, cancellation).ConfigureAwait(false))
            {
                PrintKept(tails[0].Service, chunk);
                if (IsClosed) return;
            }
            return;
        }
        var sources = new List<LogSource>();
        try
        {
            foreach (var tail in tails)
            {
                var source = new LogSource(tail, admin, cancellation);
                sources.Add(source);
                await source.MoveNextAsync().ConfigureAwait(false);
            }
            while (sources.Where(source => source.Current is not null).MinBy(source => source.Current!.At) is { } next)
            {
                Print(next.Service, next.Current!);
                await next.MoveNextAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var source in sources) await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void PrintKept(string service, LogChunk chunk)
    {
        foreach (var line in chunk.Lines) Print(service, line);
        IsClosed = context.IsOutputClosed();
    }

    private void Print(string service, LogLine line)
    {
        if (json)
        {
            context.Output.WriteLine(Json(service, line));
            return;
        }
        var plain = prefixes[service].Length == 0 && !timestamps;
        if (begun != line.Stream) EndBegun();
        var text = context.IsTerminal ? TerminalText.Harmless(line.Text, context.Color) : line.Text;
        if (begun is null) text = LogLevels.Shown(text, context.Color);
        if (!plain)
        {
            context.Output.Write(prefixes[service]);
            if (timestamps) context.Output.Write(line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z '", CultureInfo.InvariantCulture));
            context.Output.WriteLine(line.Continues ? text + " …" : text);
        }
        else if (line.Continues)
        {
            context.Output.Write(text);
            begun = line.Stream;
        }
        else
        {
            context.Output.WriteLine(text);
            begun = null;
        }
    }

    private static string Json(string service, LogLine line) => JsonText.Object(written =>
    {
        written.WriteString("service", service);
        written.WriteString("at", ContractsJson.Spell(line.At));
        written.WriteString("stream", line.Stream == LogStream.StandardOutput ? "stdout" : "stderr");
        written.WriteString("text", line.Text);
        written.WriteBoolean("continues", line.Continues);
        if (line.Generation is { } generation) written.WriteNumber("generation", generation);
        else written.WriteNull("generation");
    });

    private void EndBegun()
    {
        if (begun is not null) context.Output.WriteLine();
        begun = null;
    }

    /// <summary>The lines of one log one by one, fetched in chunks.</summary>
    private sealed class LogSource(LogFollower tail, MonitorAdminProxy admin, CancellationToken cancellation) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<LogChunk> chunks = tail.ReadPastAsync(admin, cancellation).GetAsyncEnumerator(cancellation);
        private IReadOnlyList<LogLine> lines = [];
        private int next;

        public string Service => tail.Service;

        /// <summary>Null at the end.</summary>
        public LogLine? Current { get; private set; }

        public async Task MoveNextAsync()
        {
            while (next == lines.Count)
            {
                if (!await chunks.MoveNextAsync().ConfigureAwait(false))
                {
                    Current = null;
                    return;
                }
                (lines, next) = (chunks.Current.Lines, 0);
            }
            Current = lines[next++];
        }

        public ValueTask DisposeAsync() => chunks.DisposeAsync();
    }
}
