using Lifeline.Alerting;

namespace Lifeline.Configuration;

/// <summary>One table of [alerts]: exactly one of <see cref="Command"/>, <see cref="Webhook"/>, <see cref="Email"/> and <see cref="Alertmanager"/> is set.</summary>
internal sealed record AlertConfiguration
{
    public required string Name { get; init; }

    public required SourceLocation Location { get; init; }

    /// <summary>Program and arguments; the working folder is the folder of the file.</summary>
    public required IReadOnlyList<string>? Command { get; init; }

    public required Uri? Webhook { get; init; }

    /// <summary>What a webhook gets.</summary>
    public WebhookFormat Format { get; init; }

    /// <summary>JSON with placeholders for a webhook.</summary>
    public string? Template { get; init; }

    public EmailTarget? Email { get; init; }

    public Uri? Alertmanager { get; init; }

    /// <summary>How long something must hold before it is told.</summary>
    public TimeSpan For { get; init; }

    /// <summary>How long an alert waits for others of its kind to go with it.</summary>
    public TimeSpan GroupWait { get; init; }

    /// <summary>The folder of the file in which the alert is written.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Some of <see cref="AlertRules"/>.</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>Service names; <c>*</c> and <c>?</c> match as in a shell.</summary>
    public required IReadOnlyList<string> Services { get; init; }

    /// <summary>The least time between two alerts of one rule and service.</summary>
    public required TimeSpan Throttle { get; init; }

    /// <summary>Whether the alert is about this service.</summary>
    public bool Covers(string service) => Services.Any(pattern => Glob.IsMatch(pattern, service));
}

/// <summary>What an alert may be raised for.</summary>
internal static class AlertRules
{
    public static IReadOnlyList<string> All { get; } =
        ["died", "hung", "failed", "unhealthy", "reclaim_failed", "recovered", "monitor"];
}
