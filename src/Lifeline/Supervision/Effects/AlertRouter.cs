using Lifeline.Alerting;
using Lifeline.Configuration;
using Lifeline.Journal;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>Between the core's alerts and their channels. Safe for any thread.</summary>
internal sealed class AlertRouter(AlertDispatcher dispatcher, TimeProvider time)
{
    /// <summary>Under which name the journal keeps what concerns alerts of all services.</summary>
    public const string DeskSetting = "alerts";

    public static IReadOnlyList<AlertChannel> ChannelsOf(LifelineConfiguration configuration, IReadOnlyDictionary<string, string> environment) =>
        [.. configuration.Alerts.Select(alert => new AlertChannel
        {
            Name = alert.Name,
            Command = alert.Command,
            Webhook = alert.Webhook,
            Format = alert.Format,
            Template = alert.Template,
            Email = alert.Email,
            Alertmanager = alert.Alertmanager,
            GroupWait = alert.GroupWait,
            WorkingDirectory = alert.WorkingDirectory,
            Environment = environment,
        })];

    /// <summary>What an effect puts into the outbox; null: nothing.</summary>
    public OutboxEntry? Prepare(Effect effect) => effect switch
    {
        RaiseAlert raise => dispatcher.Prepare(new Alert
        {
            Channel = raise.Alert,
            Rule = AlertRuleNames.Of(raise.Rule),
            Service = raise.Service,
            Generation = raise.Generation,
            Text = raise.Text,
            Suppressed = raise.Suppressed,
            Number = raise.Id,
            Since = raise.Since,
            At = time.GetUtcNow(),
        }),
        ResolveAlert resolve when resolve.Notify || dispatcher.KeepsState(resolve.Alert) => dispatcher.Prepare(new Alert
        {
            Channel = resolve.Alert,
            Rule = AlertRuleNames.Of(resolve.Rule),
            Service = resolve.Service,
            Generation = resolve.Generation,
            Resolved = true,
            Text = resolve.Text,
            Number = resolve.Id,
            Since = resolve.Since,
            At = time.GetUtcNow(),
        }),
        _ => null,
    };

    /// <summary>Sends what was prepared, after it was handed to the journal.</summary>
    public void Put(OutboxEntry entry) => dispatcher.Put(entry);

    /// <summary>What the core is told of a settled alert; null if an older outbox holds a rule that is no more.</summary>
    public static AlertOutcome? OutcomeOf(AlertDelivery delivery) => AlertRuleNames.TryParse(delivery.Alert.Rule, out var rule)
        ? new AlertOutcome(
            delivery.Alert.Channel, rule, delivery.Alert.Service, delivery.Alert.Generation, delivery.Delivered, delivery.Attempts, delivery.Error)
        : null;
}
