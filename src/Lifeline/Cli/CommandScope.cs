using System.CommandLine;
using Lifeline.Configuration;
using Lifeline.Ipc;

namespace Lifeline.Cli;

/// <summary>The options that every command takes, and the way commands are run.</summary>
internal sealed class CommandScope(CliContext context)
{
    public CliContext Context { get; } = context;

    public Option<string?> RunFolder { get; } = new("--run-dir")
    {
        Description = "Run folder: socket, pid files (default: /run/lifeline for root, else $XDG_RUNTIME_DIR/lifeline)",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<string?> StateFolder { get; } = new("--state-dir")
    {
        Description = "State folder: journal, logs (default: /var/lib/lifeline for root, else ~/.local/state/lifeline)",
        HelpName = "DIR",
        Recursive = true,
    };

    public Places Places(ParseResult parsed)
    {
        try
        {
            return Lifeline.Configuration.Places.Resolve(parsed.GetValue(RunFolder), parsed.GetValue(StateFolder), Context.Variable, Context.UserId);
        }
        catch (PlaceException e)
        {
            throw new CliException(ExitCode.WrongUsage, e.Message, null, e);
        }
    }

    public Task<MonitorConnection> ConnectAsync(ParseResult parsed, CancellationToken cancellation) =>
        MonitorConnection.ConnectAsync(Places(parsed), cancellation);

    /// <summary>Runs with Ctrl-C as cancellation, and makes every failed call a message and an exit code.</summary>
    public void SetAction(Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (parsed, _) =>
        {
            var interrupted = Context.CatchInterrupt();
            try
            {
                return await action(parsed, interrupted).ConfigureAwait(false);
            }
            catch (IpcException e) when (e.Error == IpcError.Cancelled && interrupted.IsCancellationRequested)
            {
                throw new OperationCanceledException(e.Message, e, interrupted);
            }
            catch (IpcException e)
            {
                throw MonitorConnection.Explain(e);
            }
        });
}
