using System.Globalization;
using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>One value among the fields of a status: an integer, a number, a boolean or a text. Immutable; the default is integer 0.</summary>
[JsonConverter(typeof(StatusValueConverter))]
public readonly struct StatusValue : IEquatable<StatusValue>
{
    private readonly StatusValueKind _kind;
    private readonly long _bits;
    private readonly string? _text;

    private StatusValue(StatusValueKind kind, long bits, string? text)
    {
        _kind = kind;
        _bits = bits;
        _text = text;
    }

    /// <summary>Makes an integer.</summary>
    public StatusValue(long value) : this(StatusValueKind.Integer, value, null)
    {
    }

    /// <summary>Makes a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is infinite or not a number: JSON has no spelling for these.</exception>
    public StatusValue(double value) : this(StatusValueKind.Number, BitConverter.DoubleToInt64Bits(value), null)
    {
        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "A status number must be finite.");
    }

    /// <summary>Makes a boolean.</summary>
    public StatusValue(bool value) : this(StatusValueKind.Boolean, value ? 1 : 0, null)
    {
    }

    /// <summary>Makes a text. Its length is checked when the status is encoded.</summary>
    public StatusValue(string value) : this(StatusValueKind.Text, 0, value)
    {
        ArgumentNullException.ThrowIfNull(value);
    }

    /// <summary>What the value is.</summary>
    public StatusValueKind Kind => _kind == 0 ? StatusValueKind.Integer : _kind;

    /// <summary>The integer.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public long AsInteger() => Kind == StatusValueKind.Integer ? _bits : throw WrongKind(StatusValueKind.Integer);

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public double AsNumber() => Kind == StatusValueKind.Number ? BitConverter.Int64BitsToDouble(_bits) : throw WrongKind(StatusValueKind.Number);

    /// <summary>The boolean.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public bool AsBoolean() => Kind == StatusValueKind.Boolean ? _bits != 0 : throw WrongKind(StatusValueKind.Boolean);

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">The value is of another kind.</exception>
    public string AsText() => Kind == StatusValueKind.Text ? _text! : throw WrongKind(StatusValueKind.Text);

    /// <summary>The value as JSON would spell it; text without quotes.</summary>
    public override string ToString() => Kind switch
    {
        StatusValueKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        StatusValueKind.Number => AsNumber().ToString("R", CultureInfo.InvariantCulture),
        StatusValueKind.Boolean => _bits != 0 ? "true" : "false",
        _ => _text!,
    };

    /// <inheritdoc/>
    public bool Equals(StatusValue other) => Kind == other.Kind && _bits == other._bits && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is StatusValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _text);

    /// <summary>Same kind and same value.</summary>
    public static bool operator ==(StatusValue left, StatusValue right) => left.Equals(right);

    /// <summary>Another kind or another value.</summary>
    public static bool operator !=(StatusValue left, StatusValue right) => !left.Equals(right);

    /// <summary>An integer as a value.</summary>
    public static implicit operator StatusValue(long value) => new(value);

    /// <summary>An integer as a value.</summary>
    public static implicit operator StatusValue(int value) => new((long)value);

    /// <summary>A finite number as a value.</summary>
    public static implicit operator StatusValue(double value) => new(value);

    /// <summary>A boolean as a value.</summary>
    public static implicit operator StatusValue(bool value) => new(value);

    /// <summary>A text as a value.</summary>
    public static implicit operator StatusValue(string value) => new(value);

    private InvalidOperationException WrongKind(StatusValueKind wanted) => new($"The status value is of kind {Kind}, not {wanted}.");
}
