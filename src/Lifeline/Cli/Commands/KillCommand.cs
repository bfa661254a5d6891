using System.CommandLine;
using Lifeline.Configuration;
using Lifeline.Linux;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline kill</c>: sends a signal to the main process of a service.</summary>
internal static class KillCommand
{
    public static Command Create(CommandScope scope)
    {
        var signal = new Option<string>("--signal", "-s") { Description = "Name, with or without SIG, or number", HelpName = "SIG", Required = true };
        var names = ServiceNames.Argument(scope, "Services", ArgumentArity.OneOrMore);
        var command = new Command("kill", "Send a signal to the main process of services. What follows is up to their restart policy.") { signal, names };
        signal.CompletionSources.Add([.. Signals.AllNames]);
        signal.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (Signals.TryParse(text) is null)
                result.AddError($"{Quoted.Of(text)} is not a signal; {NearestName.Hint(text, Signals.AllNames) ?? "write a name such as TERM or a number from 1 to 64"}");
        });
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var wanted = await ServiceNames.ExpandAsync(monitor.Admin, parsed.GetValue(names)!, cancellation).ConfigureAwait(false);
            var number = Signals.TryParse(parsed.GetValue(signal)!)!.Value;
            foreach (var name in wanted) await monitor.Admin.KillAsync(name, number, cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}
