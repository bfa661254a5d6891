using System.CommandLine;
using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline report</c>: a status from a service that is a shell script.</summary>
internal static class ReportCommand
{
    // A script must not hang because the monitor is being replaced for longer than this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static Command Create(CommandScope scope)
    {
        var health = new Option<string?>("--health") { Description = "unknown, healthy, degraded or unhealthy (default: healthy)", HelpName = "HEALTH" };
        health.Only("unknown", "healthy", "degraded", "unhealthy");
        var text = new Option<string?>("--text") { Description = $"One line for people, at most {StatusLimits.MaxTextBytes} bytes", HelpName = "TEXT" };
        var code = NumberOption.Create("--code", [], "A number of the service's own (default: 0)");
        var ready = new Option<bool?>("--ready") { Description = "Ready for work; --ready=false says not yet", Arity = ArgumentArity.ZeroOrOne };
        var fields = new Option<string[]>("--field") { Description = "A named value: whole number, number, true, false, or else text; may be repeated", HelpName = "KEY=VALUE", Arity = ArgumentArity.OneOrMore };
        var command = new Command("report", "Report a status. To be run by a service, which finds its monitor by LIFELINE_SOCKET.") { health, text, code, ready, fields };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var report = new StatusReport
            {
                Health = JsonNames.TryParse(parsed.GetValue(health) ?? "healthy", out ServiceHealth value) ? value : ServiceHealth.Healthy,
                Text = parsed.GetValue(text) ?? "",
                Code = parsed.GetValue(code) ?? 0,
                Ready = parsed.GetValue(ready),
                Fields = ParseFields(parsed.GetValue(fields) ?? []),
                AtNanoseconds = MonotonicClock.Nanoseconds,
            };
            if (parsed.GetResult(health) is null && parsed.GetResult(text) is null && parsed.GetResult(code) is null && parsed.GetResult(ready) is null && report.Fields.Count == 0)
                throw new CliException(ExitCode.WrongUsage, "there is nothing to report", "give at least one of --health, --text, --code, --ready, --field");
            using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limited.CancelAfter(Patience);
            await SendAsync(scope, parsed, report, limited.Token).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task SendAsync(CommandScope scope, ParseResult parsed, StatusReport report, CancellationToken cancellation)
    {
        var context = scope.Context;
        var socket = context.Variable("LIFELINE_SOCKET") is { Length: > 0 } given ? given : scope.Places(parsed).Socket;
        var service = context.Variable("LIFELINE_SERVICE") is { Length: > 0 } name ? name : null;
        int? generation = int.TryParse(context.Variable("LIFELINE_GENERATION"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        try
        {
            await MonitorConnection.AskAsync(socket, context.Time, async monitor =>
            {
                await monitor.Reporter.ReportAsync(report, service, generation, cancellation).ConfigureAwait(false);
                return true;
            }, cancellation).ConfigureAwait(false);
        }
        catch (StatusLimitException e)
        {
            throw new CliException(ExitCode.WrongUsage, e.Message, null, e);
        }
        catch (OperationCanceledException e) when (!context.Interrupted.IsCancellationRequested)
        {
            throw new CliException(ExitCode.NoMonitor, $"the monitor at {socket} did not answer within {Durations.Format(Patience)}", null, e);
        }
    }

    private static Dictionary<string, StatusValue> ParseFields(IReadOnlyList<string> texts)
    {
        var fields = new Dictionary<string, StatusValue>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new CliException(ExitCode.WrongUsage, $"--field {Quoted.Of(text)} is not KEY=VALUE");
            fields[text[..equals]] = ParseValue(text[(equals + 1)..]);
        }
        return fields;
    }

    private static StatusValue ParseValue(string text)
    {
        if (text is "true" or "false") return text == "true";
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)) return integer;
        const NumberStyles plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, plain, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : text;
    }
}
