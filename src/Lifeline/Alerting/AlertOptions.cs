namespace Lifeline.Alerting;

/// <summary>Limits of alert delivery.</summary>
internal sealed record AlertOptions
{
    /// <summary>A command that runs longer is killed with everything it started.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From connecting to the answer's head.</summary>
    public TimeSpan WebhookTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From connecting to the server's word that it took the mail.</summary>
    public TimeSpan EmailTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often an Alertmanager is told of what is still open.</summary>
    public TimeSpan AlertmanagerRefresh { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an Alertmanager takes an alert for open that it is not told of again.</summary>
    public TimeSpan AlertmanagerHold { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>Most alerts in one message.</summary>
    public int MaxGroup { get; init; } = 500;

    /// <summary>The wait after the first failure; doubles up to <see cref="RetryMax"/>.</summary>
    public TimeSpan RetryInitial { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>From 0 to 1: the part of a wait that is random, so that many monitors do not call in step.</summary>
    public double Jitter { get; init; } = 0.2;

    /// <summary>An alert older than this is given up.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(24);

    /// <summary>An alert tried this often is given up.</summary>
    public int MaxAttempts { get; init; } = 500;

    /// <summary>Alerts that may wait in one channel; one more fails at once.</summary>
    public int MaxPending { get; init; } = 1000;

    /// <summary>Name of this machine in the alerts.</summary>
    public string Host { get; init; } = Environment.MachineName;
}
