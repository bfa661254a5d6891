using System.Globalization;
using System.Text;
using Lifeline.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lifeline.Cli.Rendering;

/// <summary>Services as a table: drawn to the width of a terminal, or as plain columns for anything else.</summary>
internal static class StatusTable
{
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
        console.Profile.Width = context.Width;
        return console;
    }

    public static IRenderable Draw(IReadOnlyList<ServiceSnapshot> services, CliContext context)
    {
        if (services.Count == 0) return new Text("There are no services.");
        var table = new Table().Border(TableBorder.None).Collapse();
        for (var i = 0; i < Headers.Length; i++)
        {
            var column = new TableColumn(new Text(Headers[i], new Style(decoration: Decoration.Bold))).NoWrap().PadLeft(0).PadRight(2);
            table.AddColumn(RightAligned[i] ? column.RightAligned() : column);
        }
        var now = context.Time.GetUtcNow();
        foreach (var service in services)
        {
            var cells = Cells(service, now);
            table.AddRow(cells.Select((cell, index) => (IRenderable)new Text(cell, StyleOf(service, index)).Overflow(Overflow.Ellipsis)));
        }
        return table;
    }

    /// <summary>Columns padded with blanks, for files, pipes and terminals without redrawing.</summary>
    public static string Plain(IReadOnlyList<ServiceSnapshot> services, DateTimeOffset now)
    {
        if (services.Count == 0) return "There are no services.\n";
        var rows = services.Select(service => Cells(service, now)).Prepend(Headers).ToArray();
        var widths = Enumerable.Range(0, Headers.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var output = new StringBuilder();
        foreach (var row in rows)
        {
            var line = string.Join("  ", row.Select((cell, i) => RightAligned[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])));
            output.Append(line.TrimEnd()).Append('\n');
        }
        return output.ToString();
    }

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
    private static string StatusText(ServiceSnapshot service) => service switch
    {
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
