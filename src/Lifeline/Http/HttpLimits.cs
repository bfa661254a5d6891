namespace Lifeline.Http;

/// <summary>The named limits of the HTTP server.</summary>
internal static class HttpLimits
{
    /// <summary>Connections at a time; one more ends the one that has been idle longest.</summary>
    public const int MaxConnections = 1024;

    /// <summary>Streams (events, services, followed logs) at a time; one more is answered by 503.</summary>
    public const int MaxStreams = 512;

    /// <summary>Bytes of a request's body; a larger one is answered by 413.</summary>
    public const int MaxBodyBytes = 64 * 1024;

    /// <summary>Bytes of all headers of a request.</summary>
    public const int MaxHeaderBytes = 16 * 1024;

    /// <summary>Events in one answer.</summary>
    public const int MaxEvents = 1000;

    /// <summary>Log lines in one answer.</summary>
    public const int MaxLogLines = 2000;

    /// <summary>Bytes of events that are kept ready for the readers of the stream; those further behind are served from the journal.</summary>
    public const int MaxReadyBytes = 4 * 1024 * 1024;

    /// <summary>Events that may wait to be spelled for the readers; of more, the readers are told from the journal.</summary>
    public const int MaxWaitingEvents = 20_000;

    /// <summary>An idle connection is closed after this.</summary>
    public static readonly TimeSpan IdleConnection = TimeSpan.FromMinutes(2);

    /// <summary>The headers of a request must be whole within this.</summary>
    public static readonly TimeSpan RequestHeaders = TimeSpan.FromSeconds(10);

    /// <summary>The body of a request must be whole within this, else it is answered by 408.</summary>
    public static readonly TimeSpan RequestBody = TimeSpan.FromSeconds(10);

    /// <summary>A reader of a stream that takes nothing for so long is cut off.</summary>
    public static readonly TimeSpan StreamStall = TimeSpan.FromSeconds(20);

    /// <summary>What keeps proxies from ending a silent stream.</summary>
    public static readonly TimeSpan StreamHeartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Least spacing of what a stream's readers are sent, so that they wake up a bounded number of times.</summary>
    public static readonly TimeSpan EventSpacing = TimeSpan.FromMilliseconds(50);

    /// <summary>Least spacing of the changed services that a stream's readers are sent.</summary>
    public static readonly TimeSpan ServiceSpacing = TimeSpan.FromMilliseconds(200);

    /// <summary>Spacing of the samples of memory and processor time, while somebody looks.</summary>
    public static readonly TimeSpan UsageSpacing = TimeSpan.FromSeconds(5);

    /// <summary>Samples kept of each service.</summary>
    public const int MaxSamples = 180;
}
