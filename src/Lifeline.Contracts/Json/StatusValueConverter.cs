using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>Status values as plain JSON values; a whole number that is of kind Number keeps its ".0" and so its kind.</summary>
public sealed class StatusValueConverter : JsonConverter<StatusValue>
{
    /// <inheritdoc/>
    public override StatusValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False:
                return false;
            case JsonTokenType.String:
                return reader.GetString()!;
            case JsonTokenType.Number when reader.ValueSpan.IndexOfAny(".eE"u8) < 0 && reader.TryGetInt64(out var integer):
                return integer;
            case JsonTokenType.Number when reader.TryGetDouble(out var number) && double.IsFinite(number):
                return number;
            default:
                throw new JsonException("A status value is a finite number, a string, true or false.");
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StatusValue value, JsonSerializerOptions options)
    {
        switch (value.Kind)
        {
            case StatusValueKind.Integer:
                writer.WriteNumberValue(value.AsInteger());
                break;
            case StatusValueKind.Boolean:
                writer.WriteBooleanValue(value.AsBoolean());
                break;
            case StatusValueKind.Text:
                writer.WriteStringValue(value.AsText());
                break;
            default:
                WriteNumber(writer, value.AsNumber());
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        writer.WriteRawValue(text.AsSpan().IndexOfAny(".E") < 0 ? text + ".0" : text, skipInputValidation: true);
    }
}
