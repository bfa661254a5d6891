namespace Lifeline.Monitor;

/// <summary>How the delays between automatic restarts grow. The first restart is immediate.</summary>
public sealed record BackoffSpec
{
    /// <summary>Delay of the second restart in a row. Default 100 ms; zero makes every restart immediate.</summary>
    public TimeSpan Initial { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>No delay is longer. Default 30 s.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Each delay is this many times the one before. Default 2; at least 1.</summary>
    public double Factor { get; init; } = 2.0;

    /// <summary>Each delay is spread by this share to both sides, but never beyond <see cref="Max"/>. Default 0.1; from 0 to 1.</summary>
    public double Jitter { get; init; } = 0.1;

    /// <summary>A service that was ready for so long starts the series anew. Default 60 s.</summary>
    public TimeSpan ResetAfter { get; init; } = TimeSpan.FromSeconds(60);
}
