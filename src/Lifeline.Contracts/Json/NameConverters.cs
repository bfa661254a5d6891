using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

internal sealed class ServiceStateConverter : JsonConverter<ServiceState>
{
    public override ServiceState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNames.TryParse(JsonText.Read(ref reader), out ServiceState value) ? value : throw JsonText.Unknown("state");

    public override void Write(Utf8JsonWriter writer, ServiceState value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNames.Of(value));
}

internal sealed class ServiceHealthConverter : JsonConverter<ServiceHealth>
{
    public override ServiceHealth Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNames.TryParse(JsonText.Read(ref reader), out ServiceHealth value) ? value : throw JsonText.Unknown("health");

    public override void Write(Utf8JsonWriter writer, ServiceHealth value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNames.Of(value));
}

internal sealed class DeathReasonConverter : JsonConverter<DeathReason>
{
    public override DeathReason Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNames.TryParse(JsonText.Read(ref reader), out DeathReason value) ? value : throw JsonText.Unknown("death reason");

    public override void Write(Utf8JsonWriter writer, DeathReason value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNames.Of(value));
}

internal sealed class ReclaimKindConverter : JsonConverter<ReclaimKind>
{
    public override ReclaimKind Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNames.TryParse(JsonText.Read(ref reader), out ReclaimKind value) ? value : throw JsonText.Unknown("kind of reclaim step");

    public override void Write(Utf8JsonWriter writer, ReclaimKind value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNames.Of(value));
}

internal sealed class ReclaimOutcomeConverter : JsonConverter<ReclaimOutcome>
{
    public override ReclaimOutcome Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNames.TryParse(JsonText.Read(ref reader), out ReclaimOutcome value) ? value : throw JsonText.Unknown("outcome");

    public override void Write(Utf8JsonWriter writer, ReclaimOutcome value, JsonSerializerOptions options) =>
        writer.WriteStringValue(JsonNames.Of(value));
}

internal static class JsonText
{
    public static string? Read(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("A name in quotes was expected.");

    public static JsonException Unknown(string what) => new($"There is no such {what}.");
}
