using System.Globalization;

namespace Lifeline.Http;

/// <summary>One reader of the event stream: goes on where it was, or is told by <c>reset</c> that it cannot.</summary>
internal static class EventStream
{
    private const string Retry = "retry: 1000\n";

    /// <param name="feed">The events.</param>
    /// <param name="writer">The answer.</param>
    /// <param name="asked">The reader's Last-Event-ID; null: it has none.</param>
    /// <param name="filter">What it wants.</param>
    public static async Task RunAsync(EventFeed feed, StreamReply writer, string? asked, EventFilter filter)
    {
        using var membership = feed.Join();
        writer.Begin("text/event-stream");
        var position = feed.Head;
        var beginning = Retry + Control("hello", position, null);
        if (asked is not null)
        {
            if (StreamPosition.TryParse(asked) is { } wanted && feed.CanResume(wanted))
                (position, beginning) = (wanted, Retry + ":\n\n");
            else
                beginning = Retry + Control("reset", position, "the last event you have is unknown here, or too old");
        }

        if (await writer.WriteAsync(beginning).ConfigureAwait(false))
            await FollowAsync(feed, writer, position, filter).ConfigureAwait(false);
    }

    private static async Task FollowAsync(EventFeed feed, StreamReply writer, StreamPosition position, EventFilter filter)
    {
        while (!writer.Ended.IsCancellationRequested)
        {
            var (chunk, news) = feed.TryRead(position);
            if (chunk is null)
            {
                if (feed.Head is var head && head.Epoch != position.Epoch)
                {
                    position = head;
                    if (!await writer.WriteAsync(Control("reset", position, "the journal was begun anew")).ConfigureAwait(false))
                        return;
                }
                // What a filter kept back moves the reader's place too.
                else if (!await writer.WaitAsync(news, filter.IsEmpty ? null : $"id: {position}\n\n").ConfigureAwait(false))
                {
                    return;
                }

                continue;
            }

            // A number is missing only where the oldest events were removed meanwhile.
            if (chunk.FirstAfter(position.Id) is { } next && next != position.Id + 1
                && !await writer.WriteAsync(Control("reset", position with { Id = next - 1 }, "events were removed before you read them")).ConfigureAwait(false))
                return;
            if (!await writer.WriteAsync(chunk.After(position.Id, filter)).ConfigureAwait(false))
                return;
            position = position with { Id = chunk.LastId };
        }
    }

    private static string Control(string name, StreamPosition position, string? reason)
    {
        var why = reason is null ? "" : $",\"reason\":\"{reason}\"";
        return string.Create(CultureInfo.InvariantCulture,
            $"id: {position}\nevent: {name}\ndata: {{\"epoch\":\"{position.Epoch}\",\"last_id\":{position.Id}{why}}}\n\n");
    }
}
