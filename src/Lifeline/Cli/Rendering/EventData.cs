using System.Text.Json;
using Lifeline.Configuration;

namespace Lifeline.Cli.Rendering;

/// <summary>The data of an event; remembers what was looked at, so that the rest can be shown too.</summary>
internal sealed class EventData(JsonElement data)
{
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public string? Text(string name) => Take(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public long? Number(string name) => Take(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    public bool? Flag(string name) => Take(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;

    public JsonElement? Element(string name) => Take(name);

    /// <summary>What nobody asked for, as name=value; durations in microseconds in words.</summary>
    public IEnumerable<string> Rest()
    {
        foreach (var property in data.EnumerateObject())
        {
            if (seen.Contains(property.Name) || IsEmpty(property.Value)) continue;
            if (property.Name.EndsWith("_ms", StringComparison.Ordinal) && property.Value.TryGetInt64(out var milliseconds))
                yield return $"{property.Name[..^3].Replace('_', ' ')} {Durations.Format(milliseconds)}";
            else if (property.Name.EndsWith("_us", StringComparison.Ordinal) && property.Value.TryGetInt64(out var microseconds))
                yield return $"{property.Name[..^3].Replace('_', ' ')} {Words.Microseconds(microseconds)}";
            else
                yield return $"{property.Name}={Plain(property.Value)}";
        }
    }

    /// <summary>A value as it would be typed: text with blanks in quotes.</summary>
    public static string Plain(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String) return value.GetRawText();
        var text = value.GetString()!;
        return text.Length > 0 && !text.Contains(' ', StringComparison.Ordinal) ? text : $"\"{text}\"";
    }

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };

    private JsonElement? Take(string name)
    {
        seen.Add(name);
        return data.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
