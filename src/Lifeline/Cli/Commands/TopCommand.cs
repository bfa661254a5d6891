using System.CommandLine;
using Lifeline.Cli.Top;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline top</c>: services live, to be ordered, looked into and acted upon.</summary>
internal static class TopCommand
{
    // A line that is wider than it counts (letters of two columns) is cut off, not wrapped.
    private const string EnterScreen = "\e[?1049h\e[?25l\e[?7l";
    // At last the keypad, which the runtime switches when it begins to read keys.
    private const string LeaveScreen = "\e[?7h\e[?25h\e[?1049l\e[?1l\e>";
    private const int DefaultHeight = 24;
    private const int LogLines = 200;

    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(1);

    public static Command Create(CommandScope scope)
    {
        var command = new Command("top", "Show services live with their processor time and memory; keys order them, show their logs, and restart, stop and start them.");
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            if (scope.Context is { IsTerminal: true, IsInteractive: false })
                throw new CliException(ExitCode.WrongUsage, "top draws on the terminal, and NO_COLOR or TERM=dumb forbids drawing", "\"NO_COLOR= lifeline top\" allows it; \"lifeline status --watch\" prints changes anywhere");
            if (!scope.Context.IsInteractive || !Terminal.IsTerminal(0))
                throw new CliException(ExitCode.WrongUsage, "top needs a terminal", "\"lifeline status --watch\" prints changes anywhere");
            await using var first = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            return await RunAsync(scope, scope.Places(parsed), first, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CommandScope scope, Configuration.Places places, MonitorConnection first, CancellationToken cancellation)
    {
        var context = scope.Context;
        using var keyboard = TopKeyboard.Start();
        var model = new TopModel();
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        context.Output.Write(EnterScreen);
        try
        {
            return await Following.RunAsync(context, places, first, quit.Token, async (monitor, stop) =>
            {
                await RefreshAsync(model, monitor, context, stop).ConfigureAwait(false);
                Show(model, context);
                var deadline = context.Time.GetTimestamp();
                while (context.Time.GetElapsedTime(deadline) < RefreshEvery)
                {
                    if (await keyboard.NextAsync(RefreshEvery - context.Time.GetElapsedTime(deadline), context.Time, stop).ConfigureAwait(false) is not { } press) break;
                    if (press.Key is not { } key)
                    {
                        // The window has another size.
                        Show(model, context);
                        continue;
                    }
                    await ActAsync(TopKeys.Press(model, key, TopView.Page(model, Width(context), Height())), model, monitor, quit, stop).ConfigureAwait(false);
                    Show(model, context);
                }
            }).ConfigureAwait(false);
        }
        finally
        {
            context.Output.Write(LeaveScreen);
            context.Output.Flush();
        }
    }

    private static async Task RefreshAsync(TopModel model, MonitorConnection monitor, CliContext context, CancellationToken cancellation)
    {
        model.Update(await monitor.Admin.StatusAsync(null, cancellation).ConfigureAwait(false), context.Time.GetTimestamp(), context.Time.TimestampFrequency);
        model.Alerts = await monitor.AlertsAsync(cancellation).ConfigureAwait(false);
        if (model is { Mode: TopMode.Log, Chosen: { } service }) await ReadLogAsync(model, monitor, service, cancellation).ConfigureAwait(false);
    }

    private static async Task ReadLogAsync(TopModel model, MonitorConnection monitor, string service, CancellationToken cancellation) =>
        model.Log = (await monitor.Admin.LogsAsync(new LogQuery { Service = service, Lines = LogLines }, cancellation).ConfigureAwait(false)).Lines;

    private static async Task ActAsync(TopAction action, TopModel model, MonitorConnection monitor, CancellationTokenSource quit, CancellationToken cancellation)
    {
        try
        {
            switch (action)
            {
                case TopAction.Quit:
                    await quit.CancelAsync().ConfigureAwait(false);
                    break;
                case TopAction.ShowLog when model.Chosen is { } service:
                    await ReadLogAsync(model, monitor, service, cancellation).ConfigureAwait(false);
                    break;
                case TopAction.GiveOrder when model.Pending is { } order:
                    model.Pending = null;
                    await GiveAsync(order, monitor.Admin, cancellation).ConfigureAwait(false);
                    model.Message = $"{order.Verb} {order.Service}: ordered";
                    break;
            }
        }
        catch (IpcException e) when (e.Error is not (IpcError.DeadObject or IpcError.Cancelled))
        {
            model.Message = e.Message;
            model.Mode = TopMode.List;
        }
    }

    private static Task GiveAsync(TopOrder order, MonitorAdminProxy admin, CancellationToken cancellation) => order.Order switch
    {
        Order.Start => admin.StartAsync([order.Service], cancellation),
        Order.Stop => admin.StopAsync([order.Service], cancellation),
        _ => admin.RestartAsync([order.Service], cancellation),
    };

    private static void Show(TopModel model, CliContext context)
    {
        context.Output.Write(TopView.Draw(model, context.Time.GetLocalNow(), Width(context), Height(), context.Color));
        context.Output.Flush();
    }

    private static int Width(CliContext context) => Terminal.Columns(1) ?? context.Width;

    private static int Height() => Terminal.Rows(1) ?? DefaultHeight;
}
