using System.CommandLine;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Logs;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline logs</c>: what services print.</summary>
internal static class LogsCommand
{
    public static Command Create(CommandScope scope)
    {
        var names = ServiceNames.Argument(scope, "Services (default: all); the lines of several are merged and begin with the name", ArgumentArity.ZeroOrMore);
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay, and print new lines until Ctrl-C, across restarts and rotation" };
        var count = NumberOption.Create("--lines", ["-n"], "Only the last N lines of each (default: all that are kept)", least: 0);
        var since = new Option<string?>("--since") { Description = "Only lines since a time (2026-01-02T03:04:05Z, 03:04) or a while ago (10m)", HelpName = "T" };
        var generation = new Option<string?>("--generation", "-g") { Description = "Only what one run of a service wrote: its number, last, or previous (the run before the last)", HelpName = "N" };
        var timestamps = new Option<bool>("--timestamps", "-t") { Description = "Begin each line with the time at which it arrived" };
        var json = JsonText.Option("One JSON object a line: service, at, stream, text, continues, generation");
        var command = new Command("logs", "Print what services wrote to standard output and standard error.") { names, follow, count, since, generation, timestamps, json };
        generation.CompletionSources.Add(LogGeneration.Last, LogGeneration.Previous);
        generation.Validators.Add(result =>
        {
            if (result.Tokens is [var typed] && !LogGeneration.IsOne(typed.Value)) result.AddError($"--generation {Quoted.Of(typed.Value)} is not {LogGeneration.Accepted}");
        });
        command.Validators.Add(result =>
        {
            if (result.IsGiven(follow) && result.IsGiven(generation)) result.AddError("--follow and --generation cannot go together: what follows is written by generations to come");
        });
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var context = scope.Context;
            var from = parsed.GetValue(since) is { } text ? Since.Parse(text, withId: false, context.Time).Time : null;
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var (wanted, all) = await ChooseAsync(monitor.Admin, parsed.GetValue(names)!, cancellation).ConfigureAwait(false);
            if (wanted.Length == 0) return ExitCode.Done;
            var generations = await GenerationsAsync(monitor.Admin, wanted, parsed.GetValue(generation), cancellation).ConfigureAwait(false);
            var tails = generations.Select(one => new LogFollower(one.Service, from, parsed.GetValue(count), one.Generation)).ToArray();
            var printer = new LogPrinter(context, wanted, all, parsed.GetValue(timestamps), parsed.GetValue(json));
            await printer.PrintPastAsync(tails, monitor.Admin, cancellation).ConfigureAwait(false);
            if (!parsed.GetValue(follow)) return ExitCode.Done;
            context.Output.Flush();
            return await Following.RunAsync(context, scope.Places(parsed), monitor, cancellation,
                (current, stop) => FollowAsync(tails, printer, current.Admin, stop)).ConfigureAwait(false);
        });
        return command;
    }

    // The one service that is wanted needs no colour, and nobody else's name.
    private static async Task<(string[] Wanted, string[] All)> ChooseAsync(MonitorAdminProxy admin, string[] given, CancellationToken cancellation)
    {
        string[] wanted = given.Length > 0 ? [.. await ServiceNames.ExpandAsync(admin, given, cancellation).ConfigureAwait(false)] : [];
        if (wanted.Length == 1) return (wanted, wanted);
        string[] all = [.. (await ServiceOutlines.AskAsync(admin, [], ServiceRelations.None, cancellation).ConfigureAwait(false)).Select(service => service.Name)];
        return (given.Length > 0 ? wanted : all, all);
    }

    // Of several services those are left out that have had no such generation; of the only one it is said.
    private static async Task<IReadOnlyList<(string Service, int? Generation)>> GenerationsAsync(MonitorAdminProxy admin, string[] wanted, string? text, CancellationToken cancellation)
    {
        if (text is null) return [.. wanted.Select(service => (service, (int?)null))];
        var meant = wanted.ToHashSet(StringComparer.Ordinal);
        var known = (await ServiceOutlines.AskAsync(admin, wanted, ServiceRelations.None, cancellation).ConfigureAwait(false)).Where(service => meant.Contains(service.Name)).ToArray();
        var found = known.Select(service => (service.Name, Generation: LogGeneration.Resolve(text, service.Generation))).Where(one => one.Generation is not null).ToArray();
        if (found.Length > 0) return found;
        throw new CliException(ExitCode.Failed, $"there has been no generation {Quoted.Of(text)} of {Quoted.List(wanted)}", known is [var only] ? $"the newest is {only.Generation}" : null);
    }

    // One that has news must not wait for the others, so each waits on its own until this session ends.
    private static async Task FollowAsync(LogFollower[] tails, LogPrinter printer, MonitorAdminProxy admin, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var tasks = tails.Select(tail => FollowOneAsync(tail, printer, admin, stop.Token)).ToArray();
        try
        {
            await (await Task.WhenAny(tasks).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task FollowOneAsync(LogFollower tail, LogPrinter printer, MonitorAdminProxy admin, CancellationToken cancellation)
    {
        while (!printer.IsClosed) printer.Print(tail.Service, await tail.WaitAsync(admin, cancellation).ConfigureAwait(false));
    }
}
