using System.Text.Json;
using System.Text.Json.Serialization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// <see cref="SlotRecord"/> as bytes (JSON, so that a journal can be read by people) and back. Unknown fields of a newer version
/// are skipped, missing ones of an older take their defaults. Thread-safe.
/// </summary>
public static class SlotRecordCodec
{
    /// <summary>Encodes a record.</summary>
    /// <param name="record">The record.</param>
    public static byte[] Encode(SlotRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, SlotRecordJson.Default.SlotRecord);

    /// <summary>Decodes a record.</summary>
    /// <param name="bytes">What <see cref="Encode"/> made.</param>
    /// <exception cref="FormatException">The bytes are no record.</exception>
    public static SlotRecord Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var record = JsonSerializer.Deserialize(bytes, SlotRecordJson.Default.SlotRecord)
                ?? throw new FormatException("The saved record of a service is null.");
            return WithDefaults(record);
        }
        catch (JsonException e)
        {
            throw new FormatException($"The saved record of a service cannot be read ({bytes.Length} bytes): {e.Message}", e);
        }
    }

    // The generated reader leaves out the initialisers of init-only properties that are missing in the text.
    private static SlotRecord WithDefaults(SlotRecord record) => record with
    {
        LaunchKey = record.LaunchKey ?? "",
        RestartTimes = record.RestartTimes ?? [],
        GroupTimes = record.GroupTimes ?? [],
        Claims = record.Claims ?? [],
        Found = record.Found ?? [],
        Alerts = record.Alerts ?? [],
        Status = record.Status is { } status
            ? status with { Text = status.Text ?? "", Fields = status.Fields ?? StatusReport.NoFields }
            : null,
        LastDeath = record.LastDeath is { } death ? death with { Reclaimed = death.Reclaimed ?? [] } : null,
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(SlotRecord))]
internal sealed partial class SlotRecordJson : JsonSerializerContext;
