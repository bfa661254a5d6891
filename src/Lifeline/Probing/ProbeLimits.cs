namespace Lifeline.Probing;

/// <summary>The named limits of probing.</summary>
internal static class ProbeLimits
{
    /// <summary>Probes that are under way at once, all services together; those that are due beyond it wait their turn.</summary>
    public const int MaxUnderWay = 64;

    /// <summary>Commands among them: each takes a thread and two processes.</summary>
    public const int MaxCommands = 16;

    /// <summary>Bytes of an answer's body that are read.</summary>
    public const int MaxBody = 512;

    /// <summary>Kibibytes of an answer's headers.</summary>
    public const int MaxHeaderKibibytes = 16;

    /// <summary>Characters of an outcome.</summary>
    public const int MaxText = 500;

    /// <summary>The first pause while a service is not ready yet; it grows to the interval.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest pause while a service is not ready yet, if the interval is not shorter.</summary>
    public static readonly TimeSpan LongestStartingPause = TimeSpan.FromSeconds(1);

    /// <summary>What took longer than its timeout by this factor was held up by us, and says nothing about the service.</summary>
    public const double LateFactor = 1.5;
}
