using System.Globalization;
using System.Buffers;
using System.Text.Json;
using Lifeline.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What is asked about events.</summary>
internal sealed class EventCalls(HttpSources sources, EventFeed feed, StreamSeats seats)
{
    private const int DefaultEvents = 100;

    // Rounds of looking for events of a kind, each of a page of the journal.
    private const int MaxPages = 20;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/events", ListAsync).Needs(AccessNeed.Read)
            .Describe("ListEvents", "Events after an id, or the last ones; header Lifeline-Position names the last one looked at.").Gives<IReadOnlyList<JournaledEvent>>();
        routes.MapGet("/api/v1/events/stream", StreamAsync).Needs(AccessNeed.Read)
            .Describe("StreamEvents", "Events as they are committed, as server-sent events. Goes on after Last-Event-ID without gap or repeat; event \"reset\" says that it cannot.").Streams();
    }

    private async Task<IResult> ListAsync(string? since, int? limit, string? service, string? kind, HttpContext context)
    {
        if (limit is < 1 or > HttpLimits.MaxEvents)
            return Problem.Of(400, "wrong limit", $"limit is {limit}; 1 to {HttpLimits.MaxEvents} are given.");
        if (service is not null && sources.Services.Find(service) is null)
            return Problem.NoService(service);
        if (!TryPlace(since, out var after))
            return Problem.Of(400, "wrong since", "since is the id of an event, EPOCH-ID, or a time like 2026-01-02T03:04:05Z.");
        var filter = FilterOf(service, kind);
        // The journal's reader waits for the disk.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var (events, last) = Find(after, limit ?? DefaultEvents, filter);
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

    private (List<ServiceEvent> Events, long Last) Find(long? after, int limit, EventFilter filter)
    {
        var journal = sources.Journal;
        var newest = journal.LastId;
        if (filter.Kinds.Count == 0)
        {
            var page = journal.Read(after ?? journal.IdBeforeLast(limit, filter.Service), limit, filter.Service);
            return ([.. page], page.Count > 0 ? page[^1].Id : Math.Max(after ?? 0, newest));
        }

        return after is { } from ? FindForward(from, limit, filter, newest) : FindLast(limit, filter, newest);
    }

    private (List<ServiceEvent> Events, long Last) FindForward(long after, int limit, EventFilter filter, long newest)
    {
        var found = new List<ServiceEvent>();
        for (var page = 0; page < MaxPages && found.Count < limit; page++)
        {
            var events = sources.Journal.Read(after, HttpLimits.MaxEvents, filter.Service);
            if (events.Count == 0)
                return (found, Math.Max(after, newest));
            foreach (var e in events)
            {
                after = e.Id;
                if (filter.Takes(e.Service, e.Kind))
                    found.Add(e);
                if (found.Count == limit)
                    break;
            }
        }

        return (found, after);
    }

    private (List<ServiceEvent> Events, long Last) FindLast(int limit, EventFilter filter, long newest)
    {
        var events = sources.Journal.Read(
            sources.Journal.IdBeforeLast(Journal.JournalReader.MaxEvents, filter.Service), Journal.JournalReader.MaxEvents, filter.Service);
        return ([.. events.Where(e => filter.Takes(e.Service, e.Kind)).TakeLast(limit)], newest);
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
