using Lifeline.Contracts;

namespace Lifeline.Supervision;

/// <summary>
/// What people ask and say about alerts, whatever way they come: terminal, API, dashboard. Who may is checked by the caller.
/// Refusals are <see cref="Ipc.IpcException"/>s in the words of the monitor. Safe for any thread but the decision loop's.
/// </summary>
internal interface IAlertDesk
{
    /// <summary>What is wrong, who is not told, how channels do.</summary>
    Task<AlertOverview> OverviewAsync();

    /// <summary>Somebody takes care of an alert (its number), or of all of a service.</summary>
    Task AcknowledgeAsync(string target, string by, string? note);

    /// <summary>Nobody takes care any more: people are told again.</summary>
    Task UnacknowledgeAsync(string target, string by);

    /// <summary>Nobody is told of a service (a pattern), or by a channel, for a while.</summary>
    Task SilenceAsync(string target, TimeSpan duration, string by, string? note);

    Task UnsilenceAsync(string target, string by);

    /// <summary>Sends a test alert through the real channel, once.</summary>
    Task<AlertTestResult> TestAsync(string channel, string by, CancellationToken cancellation);
}
