using System.Globalization;
using Lifeline.Cli.Rendering;
using Lifeline.Contracts;

namespace Lifeline.Cli.Top;

/// <summary>The picture of <c>top</c>, line by line, for a terminal of a given size.</summary>
internal static class TopView
{
    private const int LinesAround = 3;
    private const string Reset = "\e[0m";
    private const string Inverse = "\e[7m";
    private const string Bold = "\e[1m";
    private const string ClearLine = "\e[K";
    private const string Home = "\e[H";

    /// <summary>Rows of services that fit.</summary>
    public static int Page(TopModel model, int width, int height) => Math.Max(1, height - LinesAround - Alerts(model, width, height, color: false).Length);

    public static string Draw(TopModel model, DateTimeOffset now, int width, int height, bool color)
    {
        var alerts = Alerts(model, width, height, color);
        List<string> lines = [Paint(FittedTable.Crop(Summary(model, now), width), Bold, color)];
        lines.AddRange(model.Mode switch
        {
            TopMode.Log => Log(model, width, height - LinesAround + 1),
            TopMode.Help => TopKeys.Help.Split('\n').Select(line => FittedTable.Crop(line, width)),
            _ => List(model, now, width, Page(model, width, height), color),
        });
        while (lines.Count < height - 1 - alerts.Length) lines.Add("");
        lines.AddRange(alerts);
        lines.Add(FittedTable.Crop(Footer(model, width), width));
        // Cleared before it is written: behind a line of full width the cursor stands on its last letter.
        return Home + string.Join("\r\n", lines.Take(height).Select(line => ClearLine + line));
    }

    // What status has below its table, and of it no more than leaves the half of the screen to the services.
    private static string[] Alerts(TopModel model, int width, int height, bool color)
    {
        if (model is { Mode: TopMode.Log or TopMode.Help } or { Alerts: null }) return [];
        var lines = AlertText.Footer(model.Alerts).SelectMany(part => Wrapping.Below("", part.Text, width).Split('\n').Select(line => Paint(FittedTable.Crop(line, width), $"\e[{part.Code}m", color)));
        return [.. lines.TakeLast(Math.Max(0, ((height - LinesAround) / 2) - 1))];
    }

    private static string Summary(TopModel model, DateTimeOffset now)
    {
        var clock = now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var filter = model.Filter.Length > 0 ? $"   /{model.Filter}" : "";
        if (model.Total == 0) return $"no services   {clock}";
        var counts = model.Services.GroupBy(service => service.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {JsonNames.Of(group.Key)}");
        var sick = model.Services.Count(service => service.Health is ServiceHealth.Degraded or ServiceHealth.Unhealthy);
        var used = string.Create(CultureInfo.InvariantCulture, $"cpu {model.CpuPercent:0.0}%  memory {Bytes(model.Services.Sum(service => service.MemoryBytes ?? 0))}");
        return $"{model.Total} {(model.Total == 1 ? "service" : "services")}: {string.Join(", ", counts)}{(sick > 0 ? $", {sick} not healthy" : "")}{filter}   {used}   {clock}";
    }

    private static readonly FittedColumn[] Columns =
    [
        new(" NAME", 99, Least: 12), new("STATE", 90), new("HEALTH", 50), new("PID", 30, IsRight: true), new("GEN", 10, IsRight: true), new("RESTARTS", 40, IsRight: true),
        new("UPTIME", 60, IsRight: true), new("CPU%", 80, IsRight: true), new("MEMORY", 70, IsRight: true), new("PROCS", 20, IsRight: true), new("STATUS", 45, Least: 10),
    ];

    private static IEnumerable<string> List(TopModel model, DateTimeOffset now, int width, int page, bool color)
    {
        var first = Math.Max(0, Math.Min(model.ChosenIndex - (page / 2), model.Rows.Count - page));
        var rows = model.Rows.Skip(first).Take(page).ToList();
        var cells = rows.Select(row => Cells(row, now)).ToArray();
        var fitted = FittedTable.Fit([.. Columns.Select((column, i) => i == SortedColumn(model.Sort) ? column with { Header = column.Header + "↓" } : column)], cells, width);
        yield return Paint(FittedTable.Crop(fitted.Line(fitted.Headers()), width), Bold, color);
        for (var i = 0; i < rows.Count; i++)
        {
            var line = FittedTable.Crop(fitted.Line(cells[i]), width);
            var chosen = rows[i].Service.Name == model.Chosen;
            if (chosen && color) yield return Paint(line.PadRight(width), Inverse, color);
            else yield return chosen ? ">" + line[Math.Min(1, line.Length)..] : Paint(line, ColorOf(rows[i].Service), color);
        }
        if (rows.Count == 0 && model.Filter.Length > 0) yield return FittedTable.Crop(" nothing matches; Esc shows all", width);
    }

    private static int SortedColumn(TopSort sort) => sort switch
    {
        TopSort.Name => 0, TopSort.Restarts => 5, TopSort.Uptime => 6, TopSort.Cpu => 7, TopSort.Memory => 8, _ => -1,
    };

    private static string[] Cells(TopRow row, DateTimeOffset now)
    {
        var service = row.Service;
        return
        [
            " " + service.Name,
            DetailWords.State(service),
            JsonNames.Of(service.Health),
            service.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-",
            service.Generation.ToString(CultureInfo.InvariantCulture),
            service.Restarts.ToString(CultureInfo.InvariantCulture),
            service.Pid is not null && service.StartedAt is { } started ? Words.Uptime(now - started) : "-",
            row.CpuPercent is { } percent ? percent.ToString("0.0", CultureInfo.InvariantCulture) : "-",
            service.MemoryBytes is { } bytes ? Bytes(bytes) : "-",
            service.Processes?.ToString(CultureInfo.InvariantCulture) ?? "-",
            Words.Line(StatusTable.StatusText(service)),
        ];
    }

    private static IEnumerable<string> Log(TopModel model, int width, int height) =>
        model.Log.Count == 0
            ? [FittedTable.Crop("nothing was printed yet", width)]
            : model.Log.TakeLast(height).Select(line => FittedTable.Crop(Words.Line(line.Text), width));

    // The longest that fits; how to leave stands in each.
    private static readonly string[] Footers =
    [
        "r restart · s stop · u start · l log · / filter · C M T R N O order · ? help · q quit",
        "r restart · s stop · u start · l log · / filter · ? help · q quit",
        "r s u orders · l log · ? help · q quit",
        "? help · q quit",
    ];

    private static string Footer(TopModel model, int width) => model.Mode switch
    {
        TopMode.Confirm when model.Pending is { } order => $"{order.Verb} {order.Service}?  y/n",
        TopMode.Filter => $"/{model.Filter}▏ Enter keeps it, Esc shows all",
        TopMode.Log => $"log of {model.Chosen} · Esc back",
        TopMode.Help => "Esc back",
        _ => model.Message.Length > 0 ? model.Message : Footers.FirstOrDefault(footer => footer.Length <= width) ?? Footers[^1],
    };

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0}G"),
        >= 1L << 20 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 20):0.0}M"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024}K"),
    };

    private static string? ColorOf(ServiceSnapshot service) => service switch
    {
        { State: ServiceState.Failed } or { Health: ServiceHealth.Unhealthy } => "\e[31m",
        { State: ServiceState.Backoff } or { Dying: true } or { Health: ServiceHealth.Degraded } => "\e[33m",
        { State: ServiceState.Starting or ServiceState.Stopping or ServiceState.Waiting } => "\e[36m",
        { State: ServiceState.Stopped or ServiceState.Exited } => "\e[2m",
        _ => null,
    };

    private static string Paint(string text, string? code, bool color) => color && code is not null ? code + text + Reset : text;
}
