namespace Lifeline.Contracts;

/// <summary>The type of a <see cref="StatusValue"/>. The numbers are part of the encoding.</summary>
public enum StatusValueKind : byte
{
    /// <summary>A 64-bit integer.</summary>
    Integer = 1,

    /// <summary>A finite 64-bit floating point number.</summary>
    Number = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>Text of at most <see cref="StatusLimits.MaxFieldTextBytes"/> bytes of UTF-8.</summary>
    Text = 4,
}
