using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Cli.Rendering;

/// <summary>The table of <c>status --watch</c>, and below it what must not be overlooked: redrawn in place on a terminal, printed anew after each change elsewhere.</summary>
internal sealed class StatusScreen : IDisposable
{
    private const string Home = "\e[H";
    private const string ClearToEnd = "\e[J";
    private const string ClearLine = "\e[K";
    private const int DefaultHeight = 24;
    private const string EnterScreen = "\e[?1049h\e[?25l\e[?7l";
    private const string LeaveScreen = "\e[?7h\e[?1049l\e[?25h";

    private readonly CliContext context;
    private IReadOnlyList<ServiceSnapshot> last = [];
    private AlertOverview? lastAlerts;
    private string shown = "";

    private StatusScreen(CliContext context)
    {
        this.context = context;
        if (context.IsInteractive) context.Output.Write(EnterScreen);
    }

    public static StatusScreen Open(CliContext context) => new(context);

    /// <remarks><paramref name="alerts"/>: null if the monitor knows nothing of them.</remarks>
    public void Show(IReadOnlyList<ServiceSnapshot> services, AlertOverview? alerts)
    {
        (last, lastAlerts) = (services, alerts);
        if (context.IsInteractive)
        {
            context.Output.Write(Home + ClearLine + Screenful(services, alerts) + ClearToEnd);
        }
        else
        {
            var footer = Footer(alerts, context.Width);
            // The uptime alone is no change.
            var now = StatusTable.Plain(services, context.Time.GetUtcNow(), context.TextWidth) + footer;
            var changed = string.Join('\n', services.Select(service => service with { MemoryBytes = null, CpuSeconds = null }).Select(ContractsJson.Serialize).Append(footer));
            if (changed == shown) return;
            if (shown.Length > 0) context.Output.WriteLine();
            shown = changed;
            context.Output.Write(now);
        }
        context.Output.Flush();
    }

    // Written over what is there, line by line: a screen that is cleared first flickers.
    private string Screenful(IReadOnlyList<ServiceSnapshot> services, AlertOverview? alerts)
    {
        var width = Terminal.Columns(1) ?? context.Width;
        var height = Terminal.Rows(1) ?? DefaultHeight;
        var footer = Footer(alerts, width).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // Many long errors of channels leave half of the screen to the services.
        footer = [.. footer.TakeLast(height / 2)];
        height -= footer.Length;
        var shown = services.Count + 1 < height ? services : [.. services.Take(Math.Max(1, height - 3))];
        var text = new StringWriter(CultureInfo.InvariantCulture);
        StatusTable.Write(shown, context.WithOutput(text, width));
        if (shown.Count < services.Count) text.WriteLine($"… and {services.Count - shown.Count} more: \"lifeline top\" scrolls");
        foreach (var line in footer) text.WriteLine(line);
        return text.ToString().Replace("\n", "\r\n" + ClearLine, StringComparison.Ordinal);
    }

    private string Footer(AlertOverview? alerts, int width)
    {
        if (alerts is null) return "";
        var text = new StringWriter(CultureInfo.InvariantCulture);
        AlertText.WriteFooter(alerts, context.WithOutput(text, width));
        return text.ToString();
    }

    public void Dispose()
    {
        if (!context.IsInteractive) return;
        context.Output.Write(LeaveScreen);
        // The last view stays in the scroll-back.
        StatusTable.Write(last, context);
        if (lastAlerts is not null) AlertText.WriteFooter(lastAlerts, context);
        context.Output.Flush();
    }
}
