using System.CommandLine;
using Lifeline.Cli.Rendering;
using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline alert</c>: what is wrong, who takes care, who is not told, and whether the channels work.</summary>
internal static class AlertCommands
{
    public static Command Create(CommandScope scope) =>
        new("alert", "See what is wrong, take care of it, silence alerts for a while, test a channel.")
        {
            List(scope), Acknowledge(scope), Unacknowledge(scope), Silence(scope), Unsilence(scope), Test(scope),
        };

    private static Command List(CommandScope scope)
    {
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output" };
        var command = new Command("list", "Show what is wrong now, the silences, and the channels that cannot deliver.") { json };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var overview = await monitor.Admin.AlertsAsync(cancellation).ConfigureAwait(false);
            if (parsed.GetValue(json)) scope.Context.Output.WriteLine(ContractsJson.Serialize(overview));
            else AlertText.Write(overview, scope.Context);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Acknowledge(CommandScope scope)
    {
        var target = new Argument<string>("ID|SERVICE") { Description = "The number of an alert, or a service: all of its alerts" };
        var note = Note("What to remember about it");
        var command = new Command("ack", "Take care of an alert: nobody is told more of it before it is over.") { target, note };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            await monitor.Admin.AcknowledgeAlertAsync(parsed.GetValue(target)!, parsed.GetValue(note), cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Unacknowledge(CommandScope scope)
    {
        var target = new Argument<string>("ID|SERVICE") { Description = "As it was given to ack: the number of an alert, or a service" };
        var command = new Command("unack", "Take care no longer: people are told again of what is still wrong.") { target };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            await monitor.Admin.UnacknowledgeAlertAsync(parsed.GetValue(target)!, cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Silence(CommandScope scope)
    {
        var target = new Argument<string>("NAME|SERVICE") { Description = "An alert channel, or a service; * and ? match as in a shell" };
        var duration = new Option<string>("--for") { Description = "How long (30m, 1h, 36h)", HelpName = "TIME", Required = true };
        var note = Note("Why");
        var command = new Command("silence", "Tell nobody for a while. What is still wrong at its end is told then.") { target, duration, note };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var text = parsed.GetValue(duration)!;
            if (Durations.TryParse(text) is not { } milliseconds || milliseconds <= 0 || milliseconds > AlertLimits.MaxSilence.TotalMilliseconds)
            {
                throw new CliException(
                    ExitCode.WrongUsage, $"--for {Quoted.Of(text)} is no time up to {AlertLimits.MaxSilence.TotalDays:0} days", "write a number and a unit: 30m, 1h, 36h");
            }

            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            await monitor.Admin
                .SilenceAlertsAsync(parsed.GetValue(target)!, TimeSpan.FromMilliseconds(milliseconds), parsed.GetValue(note), cancellation)
                .ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Unsilence(CommandScope scope)
    {
        var target = new Argument<string>("NAME|SERVICE") { Description = "As it was given to silence" };
        var command = new Command("unsilence", "End a silence before its time.") { target };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            await monitor.Admin.UnsilenceAlertsAsync(parsed.GetValue(target)!, cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Test(CommandScope scope)
    {
        var channel = new Argument<string>("NAME") { Description = "An alert channel: [alerts.NAME]" };
        var json = JsonText.Option();
        var command = new Command("test", "Send a test alert through the real channel, and print what the other side said.") { channel, json };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var result = await monitor.Admin.TestAlertAsync(parsed.GetValue(channel)!, cancellation).ConfigureAwait(false);
            if (!result.Delivered) throw new CliException(ExitCode.Failed, $"the test alert was not delivered: {Words.Line(result.Answer)}");
            scope.Context.Output.WriteLine(parsed.GetValue(json) ? JsonText.Object(answer => answer.WriteString("answer", result.Answer)) : Words.Line(result.Answer));
            return ExitCode.Done;
        });
        return command;
    }

    private static Option<string?> Note(string description) => new("--note", "-m") { Description = description, HelpName = "TEXT" };
}
