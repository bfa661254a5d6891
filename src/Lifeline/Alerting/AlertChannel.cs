namespace Lifeline.Alerting;

/// <summary>
/// Where the alerts of one name go: exactly one of <see cref="Command"/>, <see cref="Webhook"/>, <see cref="Email"/> and
/// <see cref="Alertmanager"/> is set.
/// </summary>
internal sealed record AlertChannel
{
    public required string Name { get; init; }

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>May hold secrets in user, path and query: none of these is ever shown.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>What a webhook gets.</summary>
    public WebhookFormat Format { get; init; }

    /// <summary>JSON with placeholders, in the place of a format; null: none.</summary>
    public string? Template { get; init; }

    public EmailTarget? Email { get; init; }

    /// <summary>The base address of an Alertmanager.</summary>
    public Uri? Alertmanager { get; init; }

    /// <summary>How long an alert waits for others to go with it.</summary>
    public TimeSpan GroupWait { get; init; }

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>The environment of the command, but for <c>LIFELINE_ALERT_*</c>.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>The key that says where the alerts go.</summary>
    public string Kind => this switch
    {
        { Webhook: not null } => "webhook",
        { Email: not null } => "email",
        { Alertmanager: not null } => "alertmanager",
        _ => "command",
    };

    /// <summary>Whether nothing of it changed.</summary>
    public bool IsSame(AlertChannel other) =>
        this with { Command = null, Environment = other.Environment } == other with { Command = null }
        && (Command ?? []).SequenceEqual(other.Command ?? [], StringComparer.Ordinal)
        && Environment.Count == other.Environment.Count
        && Environment.All(p => other.Environment.TryGetValue(p.Key, out var value) && value == p.Value);
}
