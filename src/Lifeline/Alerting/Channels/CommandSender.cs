using System.Globalization;
using System.Text;
using Lifeline.Reclaim;

namespace Lifeline.Alerting;

/// <summary>Runs a command for each alert: the alert as JSON on its standard input and as LIFELINE_ALERT_* variables.</summary>
internal sealed class CommandSender : IAlertSender
{
    /// <summary>Names in LIFELINE_ALERT_SERVICES; all are in the JSON.</summary>
    private const int MaxServices = 500;

    private readonly AlertChannel _channel;
    private readonly TimeSpan _timeout;
    private readonly CommandRunner _runner;
    private readonly BlockingThreads _threads;

    public CommandSender(AlertChannel channel, AlertOptions options, TimeProvider time, BlockingThreads threads)
    {
        _channel = channel;
        _timeout = options.CommandTimeout;
        _runner = new CommandRunner(time);
        _threads = threads;
    }

    public async Task<DeliveryAttempt> SendAsync(AlertMessage message, CancellationToken cancellation)
    {
        var order = new CommandOrder
        {
            Command = _channel.Command!,
            WorkingDirectory = _channel.WorkingDirectory,
            Environment = EnvironmentOf(message),
            Input = Encoding.UTF8.GetBytes(AlertPayload.Of(message) + "\n"),
            Timeout = _timeout,
        };
        var result = await _threads.Run(() => _runner.Run(order, cancellation)).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return result.Succeeded ? DeliveryAttempt.Done(result.Describe()) : DeliveryAttempt.Retry(result.Describe());
    }

    public void Dispose()
    {
    }

    private Dictionary<string, string> EnvironmentOf(AlertMessage message)
    {
        var alert = message.First;
        return new Dictionary<string, string>(_channel.Environment, StringComparer.Ordinal)
        {
            ["LIFELINE_ALERT_ID"] = message.Id.ToString(CultureInfo.InvariantCulture),
            ["LIFELINE_ALERT_NAME"] = alert.Channel,
            ["LIFELINE_ALERT_RULE"] = alert.Rule,
            ["LIFELINE_ALERT_STATE"] = AlertPayload.StateOf(alert),
            ["LIFELINE_ALERT_SERVICE"] = alert.Service,
            ["LIFELINE_ALERT_SERVICES"] = string.Join(' ', message.Services.Take(MaxServices)),
            ["LIFELINE_ALERT_COUNT"] = message.Count.ToString(CultureInfo.InvariantCulture),
            ["LIFELINE_ALERT_GENERATION"] = alert.Generation.ToString(CultureInfo.InvariantCulture),
            ["LIFELINE_ALERT_TEXT"] = message.Text,
            ["LIFELINE_ALERT_AT"] = AlertPayload.Spell(alert.At),
            ["LIFELINE_ALERT_SINCE"] = AlertPayload.Spell(alert.Since ?? alert.At),
            ["LIFELINE_ALERT_NUMBER"] = alert.Number.ToString(CultureInfo.InvariantCulture),
        };
    }
}
