using Lifeline.Contracts;
using Spectre.Console;

namespace Lifeline.Cli.Rendering;

/// <summary>The table of <c>status --watch</c>: redrawn in place on a terminal, printed anew after each change elsewhere.</summary>
internal sealed class StatusScreen : IDisposable
{
    private const string Home = "\e[H";
    private const string ClearToEnd = "\e[J";
    private const string EnterScreen = "\e[?1049h\e[?25l";
    private const string LeaveScreen = "\e[?1049l\e[?25h";

    private readonly CliContext context;
    private IReadOnlyList<ServiceSnapshot> last = [];
    private string shown = "";

    private StatusScreen(CliContext context)
    {
        this.context = context;
        if (context.IsInteractive) context.Output.Write(EnterScreen);
    }

    public static StatusScreen Open(CliContext context) => new(context);

    public void Show(IReadOnlyList<ServiceSnapshot> services)
    {
        last = services;
        if (context.IsInteractive)
        {
            context.Output.Write(Home + ClearToEnd);
            StatusTable.Write(services, context);
        }
        else
        {
            // The uptime alone is no change.
            var now = StatusTable.Plain(services, context.Time.GetUtcNow());
            var changed = string.Join('\n', services.Select(service => service with { MemoryBytes = null, CpuSeconds = null }).Select(ContractsJson.Serialize));
            if (changed == shown) return;
            if (shown.Length > 0) context.Output.WriteLine();
            shown = changed;
            context.Output.Write(now);
        }
        context.Output.Flush();
    }

    public void Dispose()
    {
        if (!context.IsInteractive) return;
        context.Output.Write(LeaveScreen);
        // The last view stays in the scroll-back.
        StatusTable.Write(last, context);
        context.Output.Flush();
    }
}
