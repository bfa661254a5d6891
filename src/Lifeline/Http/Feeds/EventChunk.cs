using System.Buffers;
using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Http;

/// <summary>Consecutive events as they go over the wire, spelled once for all readers. Immutable.</summary>
internal sealed class EventChunk
{
    private readonly byte[] _bytes;
    private readonly Entry[] _entries;

    private EventChunk(byte[] bytes, Entry[] entries) => (_bytes, _entries) = (bytes, entries);

    public long FirstId => _entries[0].Id;

    public long LastId => _entries[^1].Id;

    public int Length => _bytes.Length;

    public static EventChunk Of(string epoch, IReadOnlyList<ServiceEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(events.Count * 256);
        var entries = new Entry[events.Count];
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            var start = buffer.WrittenCount;
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {epoch}-{e.Id}\ndata: "), buffer);
            json.Reset(buffer);
            JsonSerializer.Serialize(json, e, ContractsJson.Event);
            buffer.Write("\n\n"u8);
            entries[i] = new Entry(e.Id, e.Service, e.Kind, start);
        }

        return new EventChunk(buffer.WrittenSpan.ToArray(), entries);
    }

    /// <summary>The first number after another; null if there is none.</summary>
    public long? FirstAfter(long id) => IndexAfter(id) is var index && index < _entries.Length ? _entries[index].Id : null;

    /// <summary>What comes after a number; empty if nothing does.</summary>
    public ReadOnlyMemory<byte> After(long id)
    {
        var index = IndexAfter(id);
        return index == _entries.Length ? default : _bytes.AsMemory(_entries[index].Start);
    }

    /// <summary>As the other, only what a filter lets through.</summary>
    public ReadOnlyMemory<byte> After(long id, EventFilter filter)
    {
        if (filter.IsEmpty)
            return After(id);
        var chosen = new ArrayBufferWriter<byte>(256);
        for (var i = IndexAfter(id); i < _entries.Length; i++)
            if (filter.Takes(_entries[i].Service, _entries[i].Kind))
                chosen.Write(_bytes.AsSpan(_entries[i].Start, EndOf(i) - _entries[i].Start));
        return chosen.WrittenMemory;
    }

    private int EndOf(int index) => index + 1 < _entries.Length ? _entries[index + 1].Start : _bytes.Length;

    // Numbers have no gaps, except where retention took some away in the middle of a page.
    private int IndexAfter(long id)
    {
        if (id < FirstId)
            return 0;
        var low = 0;
        var high = _entries.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].Id <= id) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private readonly record struct Entry(long Id, string? Service, string Kind, int Start);
}

/// <summary>Which events a reader wants.</summary>
/// <param name="Service">Of this service only, or of those that match this pattern; null: of all.</param>
/// <param name="Kinds">Of these kinds only; empty: of all. <c>*</c> and <c>?</c> match as in a shell.</param>
internal readonly record struct EventFilter(string? Service, IReadOnlyList<string> Kinds)
{
    public bool IsEmpty => Service is null && Kinds.Count == 0;

    public bool Takes(string? service, string kind) => (Service is null || TakesService(service)) && (Kinds.Count == 0 || TakesKind(kind));

    private bool TakesService(string? service) => Service == service || (service is not null && Glob.IsMatch(Service, service));

    private bool TakesKind(string kind)
    {
        foreach (var wanted in Kinds)
            if (FileSystemName.MatchesSimpleExpression(wanted, kind, ignoreCase: false))
                return true;
        return false;
    }
}
