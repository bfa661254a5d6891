using System.Globalization;
using System.Text;
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
    private const string ClearToEndOfLine = "\e[K";
    private const string Home = "\e[H";
    private const string ClearBelow = "\e[J";

    /// <summary>Rows of services that fit.</summary>
    public static int Page(int height) => Math.Max(1, height - LinesAround);

    public static string Draw(TopModel model, DateTimeOffset now, int width, int height, bool color)
    {
        List<string> lines = [Paint(Crop(Summary(model, now), width), Bold, color)];
        lines.AddRange(model.Mode switch
        {
            TopMode.Log => Log(model, width, Page(height) + 1),
            TopMode.Help => TopKeys.Help.Split('\n').Select(line => Crop(line, width)),
            _ => List(model, now, width, Page(height), color),
        });
        while (lines.Count < height - 1) lines.Add("");
        lines.Add(Crop(Footer(model), width));
        return Home + string.Join($"{ClearToEndOfLine}\r\n", lines.Take(height)) + ClearToEndOfLine + ClearBelow;
    }

    private static string Summary(TopModel model, DateTimeOffset now)
    {
        var counts = model.Services.GroupBy(service => service.State).OrderBy(group => group.Key).Select(group => $"{group.Count()} {JsonNames.Of(group.Key)}");
        var sick = model.Services.Count(service => service.Health is ServiceHealth.Degraded or ServiceHealth.Unhealthy);
        var text = $"{model.Total} {(model.Total == 1 ? "service" : "services")}: {string.Join(", ", counts)}";
        return $"{(model.Total == 0 ? "no services" : text)}{(sick > 0 ? $", {sick} not healthy" : "")}   {now.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}{(model.Filter.Length > 0 ? $"   /{model.Filter}" : "")}";
    }

    private static IEnumerable<string> List(TopModel model, DateTimeOffset now, int width, int page, bool color)
    {
        var first = Math.Max(0, Math.Min(model.ChosenIndex - (page / 2), model.Rows.Count - page));
        var rows = model.Rows.Skip(first).Take(page).ToList();
        var cells = rows.Select(row => Cells(row, now)).Prepend(Headers).ToArray();
        var widths = Enumerable.Range(0, Headers.Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        yield return Paint(Crop(Line(cells[0], widths), width), Bold, color);
        for (var i = 0; i < rows.Count; i++)
        {
            var line = Crop(Line(cells[i + 1], widths), width);
            var chosen = rows[i].Service.Name == model.Chosen;
            if (chosen && color) yield return Paint(line.PadRight(width), Inverse, color);
            else yield return chosen ? ">" + line[Math.Min(1, line.Length)..] : Paint(line, ColorOf(rows[i].Service), color);
        }
    }

    private static readonly string[] Headers = [" NAME", "STATE", "HEALTH", "PID", "GEN", "RESTARTS", "UPTIME", "CPU%", "MEMORY", "PROCS", "STATUS"];

    private static string[] Cells(TopRow row, DateTimeOffset now)
    {
        var service = row.Service;
        return
        [
            " " + service.Name,
            JsonNames.Of(service.State),
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

    private static string Line(string[] cells, int[] widths)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            var rightAligned = i is >= 3 and <= 9;
            line.Append(rightAligned ? cells[i].PadLeft(widths[i]) : cells[i].PadRight(widths[i])).Append("  ");
        }
        return line.ToString().TrimEnd();
    }

    private static IEnumerable<string> Log(TopModel model, int width, int height) =>
        model.Log.TakeLast(height).Select(line => Crop(Words.Line(line.Text), width));

    private static string Footer(TopModel model) => model.Mode switch
    {
        TopMode.Confirm when model.Pending is { } order => $"{order.Verb} {order.Service}?  y/n",
        TopMode.Filter => $"/{model.Filter}▏ Enter keeps it, Esc shows all",
        TopMode.Log => $"log of {model.Chosen} · Esc back",
        TopMode.Help => "Esc back",
        _ => model.Message.Length > 0 ? model.Message : "r restart · s stop · u start · l log · / filter · C M T R N O order · ? help · q quit",
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
        { State: ServiceState.Backoff } or { Health: ServiceHealth.Degraded } => "\e[33m",
        { State: ServiceState.Starting or ServiceState.Stopping or ServiceState.Waiting } => "\e[36m",
        { State: ServiceState.Stopped or ServiceState.Exited } => "\e[2m",
        _ => null,
    };

    private static string Paint(string text, string? code, bool color) => color && code is not null ? code + text + Reset : text;

    private static string Crop(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, Math.Max(0, width - 1)), "…");
}
