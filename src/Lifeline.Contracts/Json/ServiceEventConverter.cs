using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>An event as one object, its data as it is.</summary>
internal sealed class ServiceEventConverter : JsonConverter<ServiceEvent>
{
    private static readonly TimeConverter Time = new();

    public override ServiceEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("An event is a JSON object.");
        long? id = null;
        DateTimeOffset? at = null;
        string? service = null;
        string? kind = null;
        string? data = null;
        var generation = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "id":
                    id = Integer(ref reader);
                    break;
                case "at":
                    at = Time.Read(ref reader, typeof(DateTimeOffset), options);
                    break;
                case "service":
                    service = reader.TokenType == JsonTokenType.Null ? null : JsonText.Read(ref reader);
                    break;
                case "generation":
                    generation = reader.TokenType == JsonTokenType.Null ? 0 : Generation(ref reader);
                    break;
                case "kind":
                    kind = JsonText.Read(ref reader);
                    break;
                case "data":
                    using (var document = JsonDocument.ParseValue(ref reader))
                        data = document.RootElement.GetRawText();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (id is null || at is null || kind is null)
            throw new JsonException("An event has at least id, at and kind.");
        return new ServiceEvent { Id = id.Value, At = at.Value, Service = service, Generation = generation, Kind = kind, DataJson = data ?? "{}" };
    }

    public override void Write(Utf8JsonWriter writer, ServiceEvent value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", value.Id);
        writer.WriteString("at", TimeConverter.Spell(value.At));
        writer.WriteString("service", value.Service);
        if (value.Generation == 0)
            writer.WriteNull("generation");
        else
            writer.WriteNumber("generation", value.Generation);
        writer.WriteString("kind", value.Kind);
        writer.WritePropertyName("data");
        writer.WriteRawValue(value.DataJson);
        writer.WriteEndObject();
    }

    private static int Generation(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var value) ? value : throw new JsonException("A generation was expected.");

    private static long Integer(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : throw new JsonException("A whole number was expected.");
}
