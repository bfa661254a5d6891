using System.CommandLine;
using System.CommandLine.Parsing;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline events</c>: what happened, from the journal.</summary>
internal static class EventsCommand
{
    private const int DefaultCount = 100;
    private static readonly TimeSpan LongPoll = TimeSpan.FromSeconds(30);

    public static Command Create(CommandScope scope)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay, and print what happens until Ctrl-C" };
        var since = new Option<string?>("--since") { Description = "Events after this id, or since a time (2026-01-02T03:04:05Z, 03:04) or a while ago (10m)", HelpName = "ID|T" };
        var service = new Option<string[]>("--service") { Description = "Only those of this service; may be given several times; * and ? match as in a shell", HelpName = "NAME" };
        service.CompletionSources.Add(completing => ServiceNames.Known(scope, completing.ParseResult));
        var kind = new Option<string[]>("--kind") { Description = "Only those of this kind (service.died), or of a family (alert.*); may be given several times", HelpName = "KIND" };
        kind.CompletionSources.Add([.. EventKinds.All]);
        kind.Validators.Add(result => CheckKinds(result));
        var until = new Option<string?>("--until") { Description = "Only those before a time, or a while ago", HelpName = "T" };
        var count = NumberOption.Create("--count", ["-n"], $"Only the last N of those (default: {DefaultCount} without --since, else all)", least: 0);
        var json = new Option<bool>("--json") { Description = "One JSON object a line" };
        var command = new Command("events", "Print what happened to services, oldest first: starts, deaths, reclaims, restarts, status changes, alerts.") { follow, since, until, service, kind, count, json };
        command.Validators.Add(result =>
        {
            if (result.IsGiven(follow) && result.IsGiven(until)) result.AddError("--follow and --until cannot go together");
        });
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var context = scope.Context;
            var from = parsed.GetValue(since) is { } text ? Since.Parse(text, withId: true, context.Time) : (Since?)null;
            var end = parsed.GetValue(until) is { } limit ? Since.Parse(limit, withId: false, context.Time, "--until").Time : null;
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var services = Values(parsed.GetValue(service)!);
            if (services.Length > 0) await ServiceNames.CheckPatternsAsync(monitor.Admin, services, cancellation).ConfigureAwait(false);
            var query = new EventQuery { Service = List("--service", services), Since = from?.Time, Kind = List("--kind", Values(parsed.GetValue(kind)!)), Until = end };
            var print = Printer(context, parsed.GetValue(json));
            var last = await PrintPastAsync(monitor.Admin, query, from, parsed.GetValue(count), print, cancellation).ConfigureAwait(false);
            if (!parsed.GetValue(follow)) return ExitCode.Done;
            context.Output.Flush();
            return await Following.RunAsync(context, scope.Places(parsed), monitor, cancellation, async (current, stop) =>
            {
                var page = await current.Admin.EventsAsync(query with { AfterId = last, Limit = CallLimits.MaxEvents, Wait = LongPoll }, stop).ConfigureAwait(false);
                foreach (var happened in page.Events) print(happened);
                last = page.LastId;
            }).ConfigureAwait(false);
        });
        return command;
    }

    // One that no event has would be waited for in vain.
    private static void CheckKinds(OptionResult result)
    {
        foreach (var typed in Values([.. result.Tokens.Select(token => token.Value)]))
        {
            if (EventKinds.All.Any(kind => Glob.IsMatch(typed, kind))) continue;
            result.AddError($"--kind {Quoted.Of(typed)} is the kind of no event; {NearestName.Hint(typed, EventKinds.All) ?? "docs/events.md lists them, and the shell completes them"}");
        }
    }

    private static Action<ServiceEvent> Printer(CliContext context, bool json)
    {
        if (json) return happened => context.Output.WriteLine(ContractsJson.Serialize(happened));
        var text = new EventText(context.Time, context.Color, withId: true);
        return happened => context.Output.WriteLine(text.Format(happened, context.TextWidth));
    }

    private static string[] Values(string[] given) =>
        [.. given.SelectMany(value => value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct(StringComparer.Ordinal)];

    private static string? List(string option, string[] values)
    {
        var list = string.Join(',', values);
        if (list.Length > CallLimits.MaxFilterBytes)
            throw new CliException(ExitCode.WrongUsage, $"the values of {option} are {list.Length} characters long; {CallLimits.MaxFilterBytes} are possible", "a pattern such as \"web*\" says more with less");
        return list.Length == 0 ? null : list;
    }

    /// <summary>Prints what has happened already and returns the id after which to go on.</summary>
    private static async Task<long> PrintPastAsync(
        MonitorAdminProxy admin, EventQuery query, Since? since, int? count, Action<ServiceEvent> print, CancellationToken cancellation)
    {
        if (since is null && (count ?? DefaultCount) <= CallLimits.MaxEvents)
        {
            // Events with much to tell come in several pages.
            var left = count ?? DefaultCount;
            var page = await admin.EventsAsync(query with { Limit = left }, cancellation).ConfigureAwait(false);
            foreach (var happened in page.Events) print(happened);
            while (page.Events.Count > 0 && (left -= page.Events.Count) > 0)
            {
                page = await admin.EventsAsync(query with { AfterId = page.LastId, Limit = left }, cancellation).ConfigureAwait(false);
                foreach (var happened in page.Events) print(happened);
            }

            return page.LastId;
        }
        var kept = count is null ? null : new Queue<ServiceEvent>();
        var after = since?.Id ?? 0;
        while (true)
        {
            var page = await admin.EventsAsync(query with { AfterId = after, Limit = CallLimits.MaxEvents }, cancellation).ConfigureAwait(false);
            foreach (var happened in page.Events)
            {
                if (kept is null)
                {
                    print(happened);
                    continue;
                }
                kept.Enqueue(happened);
                if (kept.Count > count) kept.Dequeue();
            }
            var done = page.Events.Count == 0;
            after = Math.Max(after, page.LastId);
            if (done) break;
        }
        foreach (var happened in kept ?? []) print(happened);
        return after;
    }
}
