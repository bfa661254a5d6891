using System.Text.Json;
using System.Text.Json.Serialization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary><see cref="AlertDeskRecord"/> as JSON and back. Thread-safe.</summary>
public static class AlertDeskRecordCodec
{
    /// <summary>Encodes a record.</summary>
    /// <param name="record">The record.</param>
    public static string Encode(AlertDeskRecord record) => JsonSerializer.Serialize(record, AlertDeskJson.Default.AlertDeskRecord);

    /// <summary>Decodes a record; what cannot be read counts as none, for a monitor must start.</summary>
    /// <param name="text">What <see cref="Encode"/> made; null: nothing was ever saved.</param>
    public static AlertDeskRecord? Decode(string? text)
    {
        if (text is null) return null;
        try
        {
            var record = JsonSerializer.Deserialize(text, AlertDeskJson.Default.AlertDeskRecord);
            return record is null ? null : record with { Silences = record.Silences ?? [], Monitor = record.Monitor ?? [] };
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AlertDeskRecord))]
internal sealed partial class AlertDeskJson : JsonSerializerContext;
