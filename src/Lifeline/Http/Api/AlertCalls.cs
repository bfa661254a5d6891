using System.Globalization;
using Lifeline.Contracts;
using Lifeline.Linux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What is wrong, who was told, and what people say to it.</summary>
internal sealed class AlertCalls(HttpSources sources)
{
    private const int MaxNote = 500;
    private const string About = "The number of an alert, or a service.";

    private static readonly string Why = $"Why, up to {MaxNote} characters.";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/alerts", ListAsync).Needs(AccessNeed.Read)
            .Describe("ListAlerts", "The open alerts, the silences and the channels, as lifeline alert list --json.").Gives<AlertOverview>();
        routes.MapPost("/api/v1/alerts/{target}/acknowledge", AcknowledgeAsync).Needs(AccessNeed.Change)
            .Describe("AcknowledgeAlert", "Somebody takes care of an alert (its number), or of all of a service (its name): nobody is told more of it before it is over.")
            .Takes("target", About).Takes("note", Why).Gives(202);
        routes.MapPost("/api/v1/alerts/{target}/unacknowledge", UnacknowledgeAsync).Needs(AccessNeed.Change)
            .Describe("UnacknowledgeAlert", "Nobody takes care any more of an alert (its number), or of all of a service (its name): people are told again.")
            .Takes("target", About).Gives(202);
        routes.MapPost("/api/v1/silences/{target}", SilenceAsync).Needs(AccessNeed.Change)
            .Describe("Silence", "Nobody is told of services (a name or pattern), or by a channel, for so many seconds.")
            .Takes("target", "A channel, or services: a name, or a pattern with * and ?.")
            .Takes("seconds", $"How long, up to {AlertLimits.MaxSilence.TotalDays:0} days.").Takes("note", Why).Gives(202);
        routes.MapDelete("/api/v1/silences/{target}", UnsilenceAsync).Needs(AccessNeed.Change)
            .Describe("Unsilence", "Ends a silence before its time.")
            .Takes("target", "As it was given to the silence.").Gives(202);
    }

    private async Task<IResult> ListAsync(CancellationToken ended) =>
        JsonReply.Of(await sources.AlertDesk.OverviewAsync().WaitAsync(ended).ConfigureAwait(false), ContractsJson.Alerts);

    private async Task<IResult> AcknowledgeAsync(string target, string? note, HttpContext context)
    {
        if (Wrong(note) is { } wrong)
            return wrong;
        await sources.AlertDesk.AcknowledgeAsync(target, CallerOf(context), note).ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> UnacknowledgeAsync(string target, HttpContext context)
    {
        await sources.AlertDesk.UnacknowledgeAsync(target, CallerOf(context)).ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> SilenceAsync(string target, double seconds, string? note, HttpContext context)
    {
        if (Wrong(note) is { } wrong)
            return wrong;
        if (double.IsNaN(seconds) || seconds <= 0 || seconds > AlertLimits.MaxSilence.TotalSeconds)
            return Problem.Of(400, "wrong time", $"seconds is {seconds.ToString(CultureInfo.InvariantCulture)}; up to {AlertLimits.MaxSilence.TotalDays:0} days are taken.");
        await sources.AlertDesk.SilenceAsync(target, TimeSpan.FromSeconds(seconds), CallerOf(context), note).ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> UnsilenceAsync(string target, HttpContext context)
    {
        await sources.AlertDesk.UnsilenceAsync(target, CallerOf(context)).ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private static Problem? Wrong(string? note) =>
        note?.Length > MaxNote ? Problem.Of(400, "note too long", $"The note has {note.Length} characters; {MaxNote} are kept.") : null;

    // Whoever has the token or the cookie is not known by name.
    private static string CallerOf(HttpContext context) =>
        context.Features.Get<GuardedConnection>()?.Peer is { } peer
            ? Users.Find(peer.Uid)?.Name ?? peer.Uid.ToString(CultureInfo.InvariantCulture)
            : "the dashboard";
}
