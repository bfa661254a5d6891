namespace Lifeline.Contracts;

/// <summary>What the calls of the monitor carry at most. Fixed by the size of a parcel; no setting changes these.</summary>
public static class CallLimits
{
    /// <summary>Longest name of a service, in bytes of UTF-8: a configured name, a dot and the number of an instance.</summary>
    public const int MaxNameBytes = 80;

    /// <summary>Most names in one request.</summary>
    public const int MaxNames = 1024;

    /// <summary>Longest list of services or of kinds that events are asked for by, in bytes of UTF-8.</summary>
    public const int MaxFilterBytes = 4096;

    /// <summary>Longest thing claimed, in bytes of UTF-8.</summary>
    public const int MaxClaimBytes = 4096;

    /// <summary>Most events in one answer.</summary>
    public const int MaxEvents = 1000;

    /// <summary>Most log lines in one answer.</summary>
    public const int MaxLogLines = 2000;

    /// <summary>Longest text of one log line, in bytes of UTF-8.</summary>
    public const int MaxLogLineBytes = 64 * 1024;

    /// <summary>Longest cursor into a log, in bytes of UTF-8.</summary>
    public const int MaxCursorBytes = 256;

    /// <summary>Most changes and most errors in the answer to a reload; what is beyond is left out and counted in the last line.</summary>
    public const int MaxReloadLines = 64;

    /// <summary>The time that a call that waits for news may wait at most.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(1);

    /// <summary>An answer in pages is closed when it holds this many bytes: a parcel holds 204 800.</summary>
    internal const int PageBytes = 96 * 1024;
}
