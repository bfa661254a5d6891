namespace Lifeline.Contracts;

/// <summary>Everything about alerts at one moment.</summary>
/// <param name="Alerts">What is wrong, oldest first.</param>
/// <param name="Silences">Who is not told.</param>
/// <param name="Channels">How people are told.</param>
public sealed record AlertOverview(
    IReadOnlyList<OpenAlert> Alerts, IReadOnlyList<AlertSilence> Silences, IReadOnlyList<AlertChannelStatus> Channels);
