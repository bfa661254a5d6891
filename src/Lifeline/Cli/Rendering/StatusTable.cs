using System.Globalization;
using System.Text;
using Lifeline.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lifeline.Cli.Rendering;

/// <summary>Services as a table: drawn to the width of a terminal, or as plain columns for anything else.</summary>
internal static class StatusTable
{
    // Narrower than this the last column is of no use; the terminal may break the lines then.
    private const int LeastTextWidth = 12;
    private const int Gap = 2;
    private const int WidestTable = 4096;

    private static readonly string[] Headers = ["NAME", "STATE", "HEALTH", "PID", "GEN", "RESTARTS", "UPTIME", "STATUS"];
    private static readonly bool[] RightAligned = [false, false, false, true, true, true, true, false];

    public static void Write(IReadOnlyList<ServiceSnapshot> services, CliContext context)
    {
        if (context.IsInteractive) Terminal(context).Write(Draw(services, context));
        else context.Output.Write(Plain(services, context.Time.GetUtcNow()));
    }

    /// <summary>Spectre's view of our standard output.</summary>
    public static IAnsiConsole Terminal(CliContext context)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = context.IsInteractive ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = context.Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = context.IsInteractive ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(context.Output),
        });
        // The table keeps to the width by itself; what is wider than the terminal is left to it.
        console.Profile.Width = WidestTable;
        return console;
    }

    public static IRenderable Draw(IReadOnlyList<ServiceSnapshot> services, CliContext context)
    {
        if (services.Count == 0) return new Text("There are no services.");
        var now = context.Time.GetUtcNow();
        var rows = services.Select(service => Cells(service, now)).ToArray();
        var widths = Widths([Headers, .. rows]);
        widths[^1] = Math.Min(widths[^1], Math.Max(LeastTextWidth, context.Width - widths[..^1].Sum(width => width + Gap)));
        var table = new Table().Border(TableBorder.None).Collapse();
        for (var i = 0; i < Headers.Length; i++)
        {
            var column = new TableColumn(new Text(Headers[i], new Style(decoration: Decoration.Bold))).NoWrap().Width(widths[i]).PadLeft(0).PadRight(i == Headers.Length - 1 ? 0 : Gap);
            table.AddColumn(RightAligned[i] ? column.RightAligned() : column);
        }
        foreach (var (index, row) in rows.Index())
            table.AddRow(row.Select((cell, column) => (IRenderable)new Text(Crop(cell, widths[column]), StyleOf(services[index], column))));
        return table;
    }

    /// <summary>Columns padded with blanks, for files, pipes and terminals without redrawing.</summary>
    public static string Plain(IReadOnlyList<ServiceSnapshot> services, DateTimeOffset now)
    {
        if (services.Count == 0) return "There are no services.\n";
        var rows = services.Select(service => Cells(service, now)).Prepend(Headers).ToArray();
        var widths = Widths(rows);
        var output = new StringBuilder();
        foreach (var row in rows)
        {
            var line = string.Join("  ", row.Select((cell, i) => RightAligned[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])));
            output.Append(line.TrimEnd()).Append('\n');
        }
        return output.ToString();
    }

    private static int[] Widths(IReadOnlyCollection<string[]> rows) =>
        [.. Enumerable.Range(0, Headers.Length).Select(column => rows.Max(row => row[column].Length))];

    private static string Crop(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");

    private static string[] Cells(ServiceSnapshot service, DateTimeOffset now) =>
    [
        service.Name,
        JsonNames.Of(service.State) + (service.Stale ? " (stale)" : ""),
        JsonNames.Of(service.Health),
        service.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-",
        service.Generation.ToString(CultureInfo.InvariantCulture),
        service.Restarts.ToString(CultureInfo.InvariantCulture),
        service.Pid is not null && service.StartedAt is { } started ? Words.Uptime(now - started) : "-",
        Words.Line(StatusText(service)),
    ];

    // What a service that does not run last said of itself matters less than why it does not run.
    public static string StatusText(ServiceSnapshot service) => service switch
    {
        { State: ServiceState.Waiting or ServiceState.Stopping, Because: { } because } => because,
        { State: ServiceState.Failed or ServiceState.Backoff or ServiceState.Exited, LastDeath: { } death } => Words.Death(death),
        { Status.Text.Length: > 0 } => service.Status.Text,
        _ => "",
    };

    private static Style StyleOf(ServiceSnapshot service, int column) => column switch
    {
        1 => service.State switch
        {
            ServiceState.Running => new Style(Color.Green),
            ServiceState.Failed => new Style(Color.Red),
            ServiceState.Backoff => new Style(Color.Yellow),
            ServiceState.Starting or ServiceState.Stopping or ServiceState.Waiting => new Style(Color.Aqua),
            _ => Style.Plain,
        },
        2 => service.Health switch
        {
            ServiceHealth.Healthy => new Style(Color.Green),
            ServiceHealth.Degraded => new Style(Color.Yellow),
            ServiceHealth.Unhealthy => new Style(Color.Red),
            _ => Style.Plain,
        },
        _ => Style.Plain,
    };
}
