namespace Lifeline.Contracts;

/// <summary>How large a status may be. Fixed by the layout of the status slot; no setting changes these.</summary>
public static class StatusLimits
{
    /// <summary>Longest text, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 1024;

    /// <summary>Most fields.</summary>
    public const int MaxFields = 32;

    /// <summary>Longest name of a field, in bytes of UTF-8; at least one.</summary>
    public const int MaxFieldNameBytes = 64;

    /// <summary>Longest text of a field, in bytes of UTF-8.</summary>
    public const int MaxFieldTextBytes = 256;

    /// <summary>Largest encoded status, in bytes: all fields at their longest do not fit.</summary>
    public const int MaxEncodedBytes = 8192;
}
