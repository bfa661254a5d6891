using System.CommandLine;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline status</c>.</summary>
internal static class StatusCommand
{
    // On a terminal the uptime is kept moving; elsewhere only changes are printed.
    private static readonly TimeSpan RedrawEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LeastBetweenRedraws = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);

    public static Command Create(CommandScope scope)
    {
        var names = ServiceNames.Argument(scope, "Services (default: all)", ArgumentArity.ZeroOrMore);
        var json = new Option<bool>("--json") { Description = "One JSON array on standard output" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay, and show every change until Ctrl-C" };
        var command = new Command("status", "Show what is known of services: state, health, process, generation, restarts, uptime and their own status text.") { names, json, watch };
        command.Validators.Add(result =>
        {
            if (result.IsGiven(json) && result.IsGiven(watch)) result.AddError("--json and --watch cannot go together; \"lifeline events -f --json\" tells every change");
        });
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var wanted = parsed.GetValue(names)!.Distinct().ToArray();
            if (parsed.GetValue(watch)) return await WatchAsync(scope, parsed, wanted, cancellation).ConfigureAwait(false);
            var (services, alerts, code) = await AskOrRecallAsync(scope, scope.Places(parsed), wanted, cancellation).ConfigureAwait(false);
            if (parsed.GetValue(json))
            {
                scope.Context.Output.WriteLine(ContractsJson.Serialize(services));
                return code;
            }

            StatusTable.Write(services, scope.Context);
            if (wanted.Length == 1 && services.Count == 1) StatusDetail.Write(services[0], scope.Places(parsed), scope.Context);
            if (alerts is not null) AlertText.WriteFooter(alerts, scope.Context);
            return code;
        });
        return command;
    }

    /// <summary>What the monitor says; without one, what the last one published, with the exit code for that.</summary>
    private static async Task<(IReadOnlyList<ServiceSnapshot> Services, AlertOverview? Alerts, int Code)> AskOrRecallAsync(
        CommandScope scope, Places places, string[] wanted, CancellationToken cancellation)
    {
        try
        {
            var (services, alerts) = await MonitorConnection.AskAsync(places.Socket, scope.Context.Time, async monitor =>
                (await ServiceNames.StatusAsync(monitor.Admin, wanted, cancellation).ConfigureAwait(false), await monitor.AlertsAsync(cancellation).ConfigureAwait(false)),
                cancellation).ConfigureAwait(false);
            return (services, alerts, ExitCode.Done);
        }
        catch (CliException e) when (IsSilence(e) && StaleBoard.TryRead(places) is { } known)
        {
            scope.Context.Say($"{e.Message}; this is what was known last");
            var names = known.Select(service => service.Name).ToArray();
            foreach (var name in wanted.Where(name => !ServiceNames.Meant(name, names).Any()))
                scope.Context.Say($"there was no service \"{name}\"");
            var meant = wanted.SelectMany(name => ServiceNames.Meant(name, names)).ToHashSet(StringComparer.Ordinal);
            return (wanted.Length == 0 ? known : [.. known.Where(service => meant.Contains(service.Name))], null, ExitCode.NoMonitor);
        }
    }

    // Nobody listens, or the one who should does not answer.
    private static bool IsSilence(CliException e) =>
        e.ExitCode == ExitCode.NoMonitor || e.InnerException is IpcException { Error: IpcError.Timeout or IpcError.DeadObject };

    private static async Task<int> WatchAsync(CommandScope scope, ParseResult parsed, string[] wanted, CancellationToken cancellation)
    {
        var context = scope.Context;
        await using var first = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
        await ServiceNames.ExpandAsync(first.Admin, wanted, cancellation).ConfigureAwait(false);
        using var screen = StatusScreen.Open(context);
        long? after = null;
        return await Following.RunAsync(context, scope.Places(parsed), first, cancellation, async (monitor, stop) =>
        {
            // Asked for before the status: what happens in between is then told by an event.
            after ??= (await monitor.Admin.EventsAsync(new EventQuery { Limit = 0 }, stop).ConfigureAwait(false)).LastId;
            screen.Show(
                await ServiceNames.StatusAsync(monitor.Admin, wanted, stop).ConfigureAwait(false), await monitor.AlertsAsync(stop).ConfigureAwait(false));
            var page = await monitor.Admin.EventsAsync(new EventQuery { AfterId = after, Limit = CallLimits.MaxEvents, Wait = context.IsInteractive ? RedrawEvery : LongPoll }, stop).ConfigureAwait(false);
            after = page.LastId;
            await Task.Delay(LeastBetweenRedraws, context.Time, stop).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }
}
