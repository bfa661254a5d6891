using System.CommandLine;
using Lifeline.Contracts;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline start</c>, <c>stop</c> and <c>restart</c>.</summary>
internal static class OrderCommands
{
    public static IEnumerable<Command> Create(CommandScope scope)
    {
        yield return Create(scope, Order.Start, "start", "Start services, and wait until they are ready. Also makes a failed service try again at once.");
        yield return Create(scope, Order.Stop, "stop", "Stop services, and wait until they have ended. They stay stopped until they are started.");
        yield return Create(scope, Order.Restart, "restart", "Stop and start services, and wait until the new processes are ready.");
    }

    private static Command Create(CommandScope scope, Order order, string name, string description)
    {
        var names = ServiceNames.Argument(scope, "Services; one whose name begins with - after --", ArgumentArity.OneOrMore);
        var noWait = new Option<bool>("--no-wait") { Description = "Return once the order is taken" };
        var command = new Command(name, description) { names, noWait };
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            var wanted = parsed.GetValue(names)!.Distinct().ToArray();
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            var wait = await OrderWait.BeginAsync(monitor.Admin, order, wanted, cancellation).ConfigureAwait(false);
            await (order switch
            {
                Order.Start => monitor.Admin.StartAsync(wait.Names, cancellation),
                Order.Stop => monitor.Admin.StopAsync(wait.Names, cancellation),
                _ => monitor.Admin.RestartAsync(wait.Names, cancellation),
            }).ConfigureAwait(false);
            if (wait.AlsoMoved is { } others) scope.Context.Say(others);
            if (parsed.GetValue(noWait)) return ExitCode.Done;
            await wait.EndAsync(scope.Context, cancellation).ConfigureAwait(false);
            return ExitCode.Done;
        });
        return command;
    }
}

/// <summary>What services are ordered to do.</summary>
internal enum Order
{
    Start,
    Stop,
    Restart,
}
