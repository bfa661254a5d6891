using System.Globalization;
using System.Text;
using Lifeline.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lifeline.Cli.Rendering;

/// <summary>Services as a table: drawn to the width of a terminal, or as plain columns for anything else.</summary>
internal static class StatusTable
{
    private const int WidestTable = 4096;

    private static readonly FittedColumn[] Columns =
    [
        new("NAME", 9, Least: 12), new("STATE", 8), new("HEALTH", 6), new("PID", 3, IsRight: true), new("GEN", 1, IsRight: true),
        new("RESTARTS", 2, IsRight: true), new("UPTIME", 4, IsRight: true), new("STATUS", 5, Least: 12),
    ];

    public static void Write(IReadOnlyList<ServiceSnapshot> services, CliContext context)
    {
        if (context.IsInteractive) Terminal(context).Write(Draw(services, context));
        else context.Output.Write(Plain(services, context.Time.GetUtcNow(), context.TextWidth));
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
        var fitted = FittedTable.Fit(Columns, rows, context.Width);
        var table = new Table().Border(TableBorder.None).Collapse();
        foreach (var i in fitted.Shown)
        {
            var column = new TableColumn(new Text(Columns[i].Header, new Style(decoration: Decoration.Bold))).NoWrap().Width(fitted.WidthOf(i)).PadLeft(0).PadRight(i == fitted.Shown[^1] ? 0 : FittedTable.Gap);
            table.AddColumn(Columns[i].IsRight ? column.RightAligned() : column);
        }
        foreach (var (index, row) in rows.Index())
            table.AddRow(fitted.Shown.Select(column => (IRenderable)new Text(fitted.Cell(row, column), StyleOf(services[index], column))));
        return table;
    }

    /// <summary>Columns padded with blanks, for files, pipes and terminals without redrawing.</summary>
    /// <remarks><paramref name="width"/>: of the terminal; null elsewhere, where nothing is left out.</remarks>
    public static string Plain(IReadOnlyList<ServiceSnapshot> services, DateTimeOffset now, int? width = null)
    {
        if (services.Count == 0) return "There are no services.\n";
        var rows = services.Select(service => Cells(service, now)).ToArray();
        var fitted = FittedTable.Fit(Columns, rows, width);
        return string.Concat(rows.Prepend(fitted.Headers()).Select(row => fitted.Line(row) + "\n"));
    }

    private static string[] Cells(ServiceSnapshot service, DateTimeOffset now) =>
    [
        service.Name,
        DetailWords.State(service),
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
        { State: ServiceState.Failed, Because: { } because } => because,
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
