using System.Text;
using System.Text.Json;

namespace Lifeline.Monitor;

/// <summary>The <c>data</c> of an event: a short list of named values in a fixed order. Immutable once handed out.</summary>
public sealed class EventData
{
    private readonly List<KeyValuePair<string, EventValue>> _fields = [];

    /// <summary>No data.</summary>
    public static EventData Empty { get; } = new();

    /// <summary>The fields in order; keys are unique.</summary>
    public IReadOnlyList<KeyValuePair<string, EventValue>> Fields => _fields;

    /// <summary>The value of a key, or null if there is no such key.</summary>
    /// <param name="key">The key.</param>
    public EventValue? this[string key]
    {
        get
        {
            foreach (var (name, value) in _fields)
                if (name == key) return value;
            return null;
        }
    }

    /// <summary>Writes the fields as one JSON object.</summary>
    /// <param name="writer">Where to.</param>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        foreach (var (key, value) in _fields)
        {
            writer.WritePropertyName(key);
            value.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    /// <summary>The fields as one JSON object.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            WriteTo(writer);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <inheritdoc/>
    public override string ToString() => ToJson();

    internal EventData With(string key, EventValue value)
    {
        _fields.Add(new(key, value));
        return this;
    }
}
