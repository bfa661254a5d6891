namespace Lifeline.Http;

/// <summary>The named limits of what is sent by OTLP.</summary>
internal static class OtlpLimits
{
    /// <summary>Bytes of a request; what is more goes in another one, after it.</summary>
    public const int MaxRequestBytes = 1024 * 1024;

    /// <summary>Bytes of an answer that are read.</summary>
    public const int MaxAnswerBytes = 4096;

    /// <summary>From connecting to the answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>The wait after the first failure; doubles up to <see cref="RetryMax"/>.</summary>
    public static readonly TimeSpan RetryInitial = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    /// <summary>No receiver is waited for longer, whatever it asks for.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(1);

    /// <summary>What the last export may take when everything is stopped.</summary>
    public static readonly TimeSpan LastExport = TimeSpan.FromSeconds(2);
}
