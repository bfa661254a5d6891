namespace Lifeline.Alerting;

/// <summary>The JSON that a webhook expects.</summary>
internal enum WebhookFormat
{
    /// <summary>Lifeline's own.</summary>
    Json,

    /// <summary>An incoming webhook of Slack, and of what imitates it.</summary>
    Slack,

    /// <summary>A workflow of Teams: an adaptive card.</summary>
    Teams,

    /// <summary>A webhook of Discord.</summary>
    Discord,
}
