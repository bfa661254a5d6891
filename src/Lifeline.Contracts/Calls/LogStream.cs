namespace Lifeline.Contracts;

/// <summary>Where a log line came from. The numbers are part of the protocol.</summary>
public enum LogStream
{
    /// <summary>Standard output.</summary>
    StandardOutput = 1,

    /// <summary>Standard error.</summary>
    StandardError = 2,
}
