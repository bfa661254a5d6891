using System.Globalization;
using System.Text;
using Lifeline.Reclaim;

namespace Lifeline.Alerting;

/// <summary>Runs a command for each alert: the alert as JSON on its standard input and as LIFELINE_ALERT_* variables.</summary>
internal sealed class CommandSender : IAlertSender
{
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

    public async Task<DeliveryAttempt> SendAsync(long id, string payload, CancellationToken cancellation)
    {
        var order = new CommandOrder
        {
            Command = _channel.Command!,
            WorkingDirectory = _channel.WorkingDirectory,
            Environment = EnvironmentOf(id, payload),
            Input = Encoding.UTF8.GetBytes(payload + "\n"),
            Timeout = _timeout,
        };
        var result = await _threads.Run(() => _runner.Run(order, cancellation)).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        return result.Succeeded ? DeliveryAttempt.Done : DeliveryAttempt.Retry(result.Describe());
    }

    public void Dispose()
    {
    }

    private Dictionary<string, string> EnvironmentOf(long id, string payload)
    {
        var alert = AlertPayload.Read(payload, _channel.Name);
        return new Dictionary<string, string>(_channel.Environment, StringComparer.Ordinal)
        {
            ["LIFELINE_ALERT_ID"] = id.ToString(CultureInfo.InvariantCulture),
            ["LIFELINE_ALERT_NAME"] = alert.Channel,
            ["LIFELINE_ALERT_RULE"] = alert.Rule,
            ["LIFELINE_ALERT_STATE"] = AlertPayload.StateOf(alert),
            ["LIFELINE_ALERT_SERVICE"] = alert.Service,
            ["LIFELINE_ALERT_GENERATION"] = alert.Generation.ToString(CultureInfo.InvariantCulture),
            ["LIFELINE_ALERT_TEXT"] = alert.Text,
            ["LIFELINE_ALERT_AT"] = alert.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        };
    }
}
