namespace Lifeline.Alerting;

/// <summary>Where the alerts of one name go: exactly one of <see cref="Command"/> and <see cref="Webhook"/> is set.</summary>
internal sealed record AlertChannel
{
    public required string Name { get; init; }

    /// <summary>The key that says where the alerts go.</summary>
    public string Kind => Webhook is null ? "command" : "webhook";

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>May hold secrets in user, path and query: none of these is ever shown.</summary>
    public Uri? Webhook { get; init; }

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The environment of the command, but for <c>LIFELINE_ALERT_*</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
