using System.Text.Json;

namespace Lifeline.Monitor;

/// <summary>One value of <see cref="EventData"/>: null, a text, an integer, a number, a boolean, an object, a list of objects or of texts. Immutable.</summary>
public readonly record struct EventValue
{
    private readonly object? _reference;
    private readonly long _bits;
    private readonly Kind _kind;

    private enum Kind : byte
    {
        Null,
        Text,
        Integer,
        Number,
        Boolean,
        Object,
        List,
        Texts,
    }

    private EventValue(Kind kind, long bits, object? reference)
    {
        _kind = kind;
        _bits = bits;
        _reference = reference;
    }

    /// <summary>JSON null.</summary>
    public static EventValue Null => default;

    /// <summary>The value as the CLR has it: null, string, long, double, bool, <see cref="EventData"/>, or a list of it or of strings.</summary>
    public object? Value => _kind switch
    {
        Kind.Integer => _bits,
        Kind.Number => BitConverter.Int64BitsToDouble(_bits),
        Kind.Boolean => _bits != 0,
        _ => _reference,
    };

    /// <summary>A text, or null.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator EventValue(string? value) => value is null ? default : new(Kind.Text, 0, value);

    /// <summary>An integer.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator EventValue(long value) => new(Kind.Integer, value, null);

    /// <summary>An integer.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator EventValue(int value) => new(Kind.Integer, value, null);

    /// <summary>An integer, or null.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator EventValue(int? value) => value is { } number ? new(Kind.Integer, number, null) : default;

    /// <summary>A number.</summary>
    /// <param name="value">The number, finite.</param>
    public static implicit operator EventValue(double value) => new(Kind.Number, BitConverter.DoubleToInt64Bits(value), null);

    /// <summary>A boolean.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator EventValue(bool value) => new(Kind.Boolean, value ? 1 : 0, null);

    /// <summary>A nested object.</summary>
    /// <param name="value">The object.</param>
    public static implicit operator EventValue(EventData value) => new(Kind.Object, 0, value);

    /// <summary>A list of objects.</summary>
    /// <param name="values">The objects.</param>
    public static EventValue List(IReadOnlyList<EventData> values) => new(Kind.List, 0, values);

    /// <summary>A list of texts.</summary>
    /// <param name="values">The texts.</param>
    public static EventValue Texts(IReadOnlyList<string> values) => new(Kind.Texts, 0, values);

    /// <summary>Writes the value as JSON.</summary>
    /// <param name="writer">Where to.</param>
    public void WriteTo(Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        switch (_kind)
        {
            case Kind.Text: writer.WriteStringValue((string)_reference!); break;
            case Kind.Integer: writer.WriteNumberValue(_bits); break;
            case Kind.Number: writer.WriteNumberValue(BitConverter.Int64BitsToDouble(_bits)); break;
            case Kind.Boolean: writer.WriteBooleanValue(_bits != 0); break;
            case Kind.Object: ((EventData)_reference!).WriteTo(writer); break;
            case Kind.List:
                writer.WriteStartArray();
                foreach (var item in (IReadOnlyList<EventData>)_reference!)
                    item.WriteTo(writer);
                writer.WriteEndArray();
                break;
            case Kind.Texts:
                writer.WriteStartArray();
                foreach (var text in (IReadOnlyList<string>)_reference!)
                    writer.WriteStringValue(text);
                writer.WriteEndArray();
                break;
            default: writer.WriteNullValue(); break;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Value?.ToString() ?? "null";
}
