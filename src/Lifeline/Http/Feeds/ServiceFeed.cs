using System.Buffers;
using System.Text.Json;

namespace Lifeline.Http;

/// <summary>
/// The states of all services for any number of readers: the whole list first, then what changed. A reader that is slow gets the newest
/// states, not every one in between. Each round is made once for all of them. Works only while somebody reads. Safe for any thread.
/// </summary>
internal sealed class ServiceFeed(ServiceRows rows, UsageTable usage, TimeProvider time)
{
    private const int MaxRounds = 64;

    private readonly Lock _gate = new();
    private readonly LinkedList<Round> _rounds = new();
    private TaskCompletionSource _news = NewSignal();
    private long _usageAt;
    private long _lastNumber;
    private int _readers;
    private bool _running;

    /// <summary>Readers at the moment.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>Writes the stream until the reader leaves.</summary>
    public async Task RunAsync(StreamReply reply)
    {
        Join();
        try
        {
            reply.Begin("text/event-stream");
            // What changes before the list is taken is sent again: a state may come twice, never not at all.
            var seen = LastNumber;
            if (!await WriteWholeAsync(reply).ConfigureAwait(false))
                return;
            while (!reply.Ended.IsCancellationRequested)
            {
                var (round, news) = Next(seen);
                var goesOn = round is null ? await reply.WaitAsync(news).ConfigureAwait(false)
                    : round.Bytes is { } bytes ? await reply.WriteAsync(bytes).ConfigureAwait(false)
                    : await WriteWholeAsync(reply).ConfigureAwait(false);
                if (!goesOn)
                    return;
                seen = round?.Number ?? seen;
            }
        }
        finally
        {
            lock (_gate)
                _readers--;
        }
    }

    private async ValueTask<bool> WriteWholeAsync(StreamReply reply) =>
        await reply.WriteAsync(Frame("snapshot", await rows.WholeAsync().ConfigureAwait(false))).ConfigureAwait(false);

    private long LastNumber
    {
        get
        {
            lock (_gate)
                return _lastNumber;
        }
    }

    // Null: nothing new. Without bytes: the whole list is due.
    private (Round? Round, Task News) Next(long seen)
    {
        lock (_gate)
        {
            if (_lastNumber <= seen || _rounds.Last is not { } node)
                return (null, _news.Task);
            if (_rounds.First!.Value.Number > seen + 1)
                return (new Round(_lastNumber, null), _news.Task);
            while (node.Value.Number > seen + 1)
                node = node.Previous!;
            return (node.Value, _news.Task);
        }
    }

    private void Join()
    {
        lock (_gate)
        {
            _readers++;
            if (_running)
                return;
            _running = true;
        }

        _ = Task.Run(KeepUpAsync);
    }

    private async Task KeepUpAsync()
    {
        await rows.RefreshAsync().ConfigureAwait(false);
        var version = rows.Version.Version;
        using var timer = new PeriodicTimer(HttpLimits.ServiceSpacing, time);
        while (await timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            lock (_gate)
            {
                if (_readers == 0)
                {
                    _running = false;
                    _rounds.Clear();
                    return;
                }
            }

            await SampleAsync().ConfigureAwait(false);
            await rows.RefreshAsync().ConfigureAwait(false);
            var isList = rows.Version.ListVersion > version;
            var (next, changed) = rows.After(version);
            if (isList)
                Publish(null);
            else if (next != version)
                Publish(Frame("services", changed));
            version = next;
        }
    }

    private async Task SampleAsync()
    {
        if (_usageAt != 0 && time.GetElapsedTime(_usageAt) < HttpLimits.UsageSpacing)
            return;
        _usageAt = time.GetTimestamp();
        await usage.RefreshAsync(CancellationToken.None).ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
            WriteUsage(json);
        Publish(Frame("usage", buffer.WrittenMemory));
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var (service, last) in usage.Latest())
        {
            json.WriteStartArray(service);
            json.WriteNumberValue(last.MemoryBytes);
            json.WriteNumberValue(last.CpuSeconds);
            json.WriteNumberValue(last.Processes);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void Publish(byte[]? bytes)
    {
        TaskCompletionSource news;
        lock (_gate)
        {
            _rounds.AddLast(new Round(++_lastNumber, bytes));
            if (_rounds.Count > MaxRounds)
                _rounds.RemoveFirst();
            (news, _news) = (_news, NewSignal());
        }

        news.TrySetResult();
    }

    private static byte[] Frame(string name, ReadOnlyMemory<byte> data)
    {
        var head = System.Text.Encoding.ASCII.GetBytes($"event: {name}\ndata: ");
        return [.. head, .. data.Span, .. "\n\n"u8];
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Round(long Number, byte[]? Bytes);
}
