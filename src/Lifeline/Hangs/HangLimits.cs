namespace Lifeline.Hangs;

/// <summary>The named limits of the look at a silent service.</summary>
internal static class HangLimits
{
    /// <summary>Looks that may run at once; the others wait, or are judged without.</summary>
    public const int MaxLooks = 4;

    /// <summary>Threads of the service that are compared.</summary>
    public const int MaxCompared = 256;

    /// <summary>Threads that are described.</summary>
    public const int MaxThreads = 16;

    /// <summary>Entries of a kernel stack.</summary>
    public const int MaxFrames = 12;

    /// <summary>Lines of output that are kept.</summary>
    public const int MaxLines = 20;

    /// <summary>Lines that are looked through for them: those of another generation are left out.</summary>
    public const int MaxLinesOfAll = 500;

    /// <summary>Characters of one of them.</summary>
    public const int MaxLine = 500;

    /// <summary>A shorter time of comparison says nothing.</summary>
    public static readonly TimeSpan LeastWindow = TimeSpan.FromMilliseconds(20);

    /// <summary>How long the threads of a service are looked at.</summary>
    public static readonly TimeSpan ThreadTime = TimeSpan.FromMilliseconds(50);

    /// <summary>How long is waited for what lies in the sockets to be read.</summary>
    public static readonly TimeSpan DrainTime = TimeSpan.FromMilliseconds(100);
}
