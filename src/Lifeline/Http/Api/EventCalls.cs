using System.Globalization;
using System.Buffers;
using System.Text.Json;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What is asked about events.</summary>
internal sealed class EventCalls(HttpSources sources, EventFeed feed, StreamSeats seats)
{
    private const int DefaultEvents = 100;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/events", ListAsync).Needs(AccessNeed.Read)
            .Describe("ListEvents", "Events after since (an id, a place, a time), up to until, or the last ones; of a service (* and ? match), of kinds (commas between, * and ? match); header Lifeline-Position names the last one looked at.")
            .Takes("since", "The id of an event, a place (EPOCH-ID) or a time like 2026-01-02T03:04:05Z: what came after it; the last ones if it is not given.")
            .Takes("until", "The same: what came up to it.")
            .Takes("limit", $"How many, 1 to {HttpLimits.MaxEvents}; {DefaultEvents} if it is not given.")
            .TakesFilter().Gives<IReadOnlyList<JournaledEvent>>();
        routes.MapGet("/api/v1/events/stream", StreamAsync).Needs(AccessNeed.Read)
            .Describe("StreamEvents", "Events as they are committed, as server-sent events. Goes on after Last-Event-ID without gap or repeat; event \"reset\" says that it cannot.")
            .TakesFilter().Takes("last_event_id", "The place (EPOCH-ID) after which the stream goes on, for whoever cannot send the header Last-Event-ID.").Streams();
    }

    private async Task<IResult> ListAsync(string? since, string? until, int? limit, string? service, string? kind, HttpContext context)
    {
        if (limit is < 1 or > HttpLimits.MaxEvents)
            return Problem.Of(400, "wrong limit", $"limit is {limit}; 1 to {HttpLimits.MaxEvents} are given.");
        if (service is not null && !Glob.HasWildcard(service) && sources.Services.Find(service) is null)
            return Problem.NoService(service);
        if (!TryPlace(since, out var after))
            return Problem.Of(400, "wrong since", "since is the id of an event, EPOCH-ID, or a time like 2026-01-02T03:04:05Z.");
        if (!TryPlace(until, out var end))
            return Problem.Of(400, "wrong until", "until is the id of the last event, EPOCH-ID, or a time like 2026-01-02T03:04:05Z.");
        // The journal's reader waits for the disk.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var filter = new JournalFilter(service, string.IsNullOrWhiteSpace(kind) ? null : kind);
        if (filter.Excess is { } excess)
            return Problem.Of(400, "too many patterns", $"{excess}.");
        var newest = sources.Journal.LastId;
        var upTo = Math.Min(end ?? newest, newest);
        var search = new EventSearch(sources.Journal, context.RequestAborted);
        var (events, last) = after is { } from
            ? search.First(from, upTo, limit ?? DefaultEvents, filter)
            : (search.Last(upTo, limit ?? DefaultEvents, filter), upTo);
        context.Response.Headers[ServiceCalls.PositionHeader] = new StreamPosition(sources.Journal.Epoch, last).ToString();
        return new JsonReply(Spell(events));
    }

    private Task<IResult> StreamAsync(string? service, string? kind, string? last_event_id, HttpContext context)
    {
        var asked = context.Request.Headers["Last-Event-ID"].FirstOrDefault() ?? last_event_id;
        return seats.RunAsync(context, "event", reply => EventStream.RunAsync(feed, reply, asked, FilterOf(service, kind)));
    }

    private bool TryPlace(string? since, out long? after)
    {
        after = null;
        if (since is null)
            return true;
        if (long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            after = id;
        else if (StreamPosition.TryParse(since) is { } position && position.Epoch == sources.Journal.Epoch)
            after = position.Id;
        else if (DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            after = sources.Journal.IdBefore(at);
        return after is not null;
    }

    private static EventFilter FilterOf(string? service, string? kind) =>
        new(service, kind?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? []);

    private static ReadOnlyMemory<byte> Spell(IReadOnlyList<ServiceEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(events.Count, 1) * 256);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartArray();
        foreach (var e in events)
            JsonSerializer.Serialize(json, e, ContractsJson.Event);
        json.WriteEndArray();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
