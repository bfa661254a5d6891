using Lifeline.Alerting;
using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Between the core's alerts and their channels. Safe for any thread.</summary>
internal sealed class AlertRouter(AlertDispatcher dispatcher, TimeProvider time)
{
    public static IReadOnlyList<AlertChannel> ChannelsOf(LifelineConfiguration configuration, IReadOnlyDictionary<string, string> environment) =>
        [.. configuration.Alerts.Select(alert => new AlertChannel
        {
            Name = alert.Name,
            Command = alert.Command,
            Webhook = alert.Webhook,
            WorkingDirectory = alert.WorkingDirectory,
            Environment = environment,
        })];

    public void Raise(RaiseAlert alert) => dispatcher.Send(new Alert
    {
        Channel = alert.Alert,
        Rule = AlertRuleNames.Of(alert.Rule),
        Service = alert.Service,
        Generation = alert.Generation,
        Text = alert.Text,
        Suppressed = alert.Suppressed,
        At = time.GetUtcNow(),
    });

    public void Resolve(ResolveAlert alert)
    {
        if (!alert.Notify)
            return;
        dispatcher.Send(new Alert
        {
            Channel = alert.Alert,
            Rule = AlertRuleNames.Of(alert.Rule),
            Service = alert.Service,
            Generation = alert.Generation,
            Resolved = true,
            Text = alert.Text,
            At = time.GetUtcNow(),
        });
    }

    /// <summary>What the core is told of a settled alert; null if an older outbox holds a rule that is no more.</summary>
    public static AlertOutcome? OutcomeOf(AlertDelivery delivery) => AlertRuleNames.TryParse(delivery.Alert.Rule, out var rule)
        ? new AlertOutcome(
            delivery.Alert.Channel, rule, delivery.Alert.Service, delivery.Alert.Generation, delivery.Delivered, delivery.Attempts, delivery.Error)
        : null;
}
