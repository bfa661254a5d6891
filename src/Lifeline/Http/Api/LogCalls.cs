using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lifeline.Contracts;
using Lifeline.Logs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>The output of a service: as plain text for people and shells, as JSON, or as server-sent events, by the Accept header.</summary>
internal sealed class LogCalls(HttpSources sources, StreamSeats seats)
{
    private const int DefaultLines = 100;

    private static readonly TimeSpan Wait = HttpLimits.StreamHeartbeat;

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/services/{name}/logs", ReadAsync).Needs(AccessNeed.ReadSecret)
            .Describe("GetLogs", "The last lines a service wrote, or those after a cursor; generation (a number, last or previous) gives only those of one; follow=true stays and gives new ones. text/plain, application/json or text/event-stream by the Accept header.")
            .TakesService()
            .Takes("lines", $"How many of the last lines, 0 to {HttpLimits.MaxLogLines}; {DefaultLines} if it is not given.")
            .Takes("follow", "true: the answer stays open and gives new lines as they come.")
            .Takes("cursor", "The cursor of an earlier answer: what came after it.")
            .Takes("since", "A time like 2026-01-02T03:04:05Z: what came at or after it.")
            .Takes("generation", $"Only what this one wrote: {LogGeneration.Accepted}.")
            .Produces<string>(200, "text/plain", "application/json", "text/event-stream");

    private async Task<IResult> ReadAsync(string name, int? lines, bool? follow, string? cursor, string? since, string? generation, HttpContext context)
    {
        if (sources.Services.Find(name) is null)
            return Problem.NoService(name);
        if (lines is < 0 or > HttpLimits.MaxLogLines)
            return Problem.Of(400, "wrong number of lines", $"lines is {lines}; 0 to {HttpLimits.MaxLogLines} are given.");
        if (!TryTime(since, out var from))
            return Problem.Of(400, "wrong since", "since is a time like 2026-01-02T03:04:05Z.");
        var (wanted, wrong) = await GenerationAsync(name, generation).ConfigureAwait(false);
        if (wrong is not null)
            return wrong;
        var accept = context.Request.Headers.Accept.ToString();
        var isStream = accept.Contains("text/event-stream", StringComparison.OrdinalIgnoreCase);
        var query = new LogQuery
        {
            Service = name,
            Lines = lines ?? DefaultLines,
            Cursor = (isStream ? context.Request.Headers["Last-Event-ID"].FirstOrDefault() : null) ?? cursor,
            Since = from,
            Generation = wanted,
        };
        return await AnswerAsync(query, isStream, follow == true, accept, context).ConfigureAwait(false);
    }

    private async Task<(int? Generation, Problem? Wrong)> GenerationAsync(string service, string? text)
    {
        if (text is null)
            return (null, null);
        if (!LogGeneration.IsOne(text))
            return (null, Problem.Of(400, "wrong generation", $"generation is \"{text}\"; it is {LogGeneration.Accepted}."));
        var newest = (await sources.Details.OfAsync([service]).ConfigureAwait(false)).FirstOrDefault()?.Generation ?? 0;
        return LogGeneration.Resolve(text, newest) is { } generation
            ? (generation, null)
            : (null, Problem.Of(400, "no such generation", $"generation is \"{text}\"; the newest of \"{service}\" is {newest}."));
    }

    private async Task<IResult> AnswerAsync(LogQuery query, bool isStream, bool follow, string accept, HttpContext context)
    {
        // The files are read here, not where requests are taken in.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        LogChunk first;
        try
        {
            first = sources.Logs.Read(query);
        }
        catch (FormatException e)
        {
            return Problem.Of(400, "wrong cursor", e.Message);
        }

        if (isStream)
            return await seats.RunAsync(context, "log", reply => FollowAsync(reply, "text/event-stream", query, first, SpellSent)).ConfigureAwait(false);
        if (follow)
            return await seats.RunAsync(context, "log", reply => FollowAsync(reply, "text/plain; charset=utf-8", query, first, SpellText)).ConfigureAwait(false);
        if (accept.Contains("application/json", StringComparison.OrdinalIgnoreCase))
            return JsonReply.Of(new LogPage(first.Cursor, first.Gap, [.. first.Lines.Select(Describe)]), ApiJson.Plain.LogPage);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(SpellText(first), "text/plain; charset=utf-8");
    }

    private async Task FollowAsync(StreamReply reply, string contentType, LogQuery query, LogChunk chunk, Func<LogChunk, byte[]> spell)
    {
        reply.Begin(contentType);
        while (true)
        {
            if (!await reply.WriteAsync(spell(chunk)).ConfigureAwait(false))
                return;
            // A comment of server-sent events would be a line of the log in plain text: silence there.
            if (chunk.Lines.Count == 0 && spell == SpellSent && !await reply.WriteAsync(":\n\n").ConfigureAwait(false))
                return;
            query = query with { Cursor = chunk.Cursor, Since = null, Wait = Wait, Lines = HttpLimits.MaxLogLines };
            try
            {
                chunk = await sources.Logs.ReadAsync(query, reply.Ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static byte[] SpellText(LogChunk chunk)
    {
        var text = new StringBuilder();
        foreach (var line in chunk.Lines)
            text.Append(line.Text).Append('\n');
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // The cursor stands only at the last one: whoever comes back in between gets some lines twice rather than none.
    private static byte[] SpellSent(LogChunk chunk)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var i = 0; i < chunk.Lines.Count; i++)
        {
            if (i == 0 && chunk.Gap)
                buffer.Write("event: gap\ndata: {}\n\n"u8);
            if (i == chunk.Lines.Count - 1)
                Encoding.UTF8.GetBytes($"id: {chunk.Cursor}\n", buffer);
            buffer.Write("data: "u8);
            json.Reset(buffer);
            JsonSerializer.Serialize(json, Describe(chunk.Lines[i]), ApiJson.Plain.LogPageLine);
            buffer.Write("\n\n"u8);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static LogPageLine Describe(LogLine line) => new(JsonNames.Of(line.Stream), line.At, line.Text, line.Generation);

    private static bool TryTime(string? text, out DateTimeOffset? time)
    {
        time = null;
        if (text is null)
            return true;
        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed))
            return false;
        time = parsed;
        return true;
    }
}
