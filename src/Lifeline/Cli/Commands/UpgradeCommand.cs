using System.CommandLine;
using Lifeline.Ipc;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline upgrade</c>: monitor and keeper become the program that this command was typed with; the services go on.</summary>
internal static class UpgradeCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    public static Command Create(CommandScope scope)
    {
        var command = new Command("upgrade", "Put this program in the place of the monitor and the keeper that run; the services go on untouched.");
        scope.SetAction(command, (parsed, cancellation) => RunAsync(scope, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CommandScope scope, ParseResult parsed, CancellationToken cancellation)
    {
        var self = SelfCommand.Current();
        int monitor, keeper;
        await using (var connection = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false))
        {
            var info = await connection.Admin.InfoAsync(cancellation).ConfigureAwait(false);
            (monitor, keeper) = (info.Pid, info.KeeperPid);
            await connection.Admin.UpgradeAsync([self.Path, .. self.LeadingArguments], cancellation).ConfigureAwait(false);
        }

        var started = scope.Context.Time.GetTimestamp();
        var problem = "the monitor was not replaced";
        while (scope.Context.Time.GetElapsedTime(started) < Patience)
        {
            await Task.Delay(BetweenLooks, scope.Context.Time, cancellation).ConfigureAwait(false);
            if (await TryAskAsync(scope, parsed, cancellation).ConfigureAwait(false) is not { } now || now.Pid == monitor)
                continue;
            if (!IsOurs(now.Pid))
                throw new CliException(ExitCode.Failed, $"{self.Path} did not come to serve, and the program before it goes on", "keeper.log and monitor.log in the run folder say why");
            problem = "the monitor was replaced, and the keeper will be as soon as no service is being started";
            if (!IsOurs(keeper))
                continue;
            scope.Context.Say($"monitor {now.Pid} and keeper {keeper} are {self.Path} ({ProductVersion.Text}) now");
            return ExitCode.Done;
        }

        throw new CliException(ExitCode.Failed, problem, "see keeper.log in the run folder");
    }

    private static async Task<Contracts.MonitorInfo?> TryAskAsync(CommandScope scope, ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            await using var connection = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            return await connection.Admin.InfoAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IpcException or CliException)
        {
            return null; // between one monitor and the next
        }
    }

    // The file itself: its path may have come to mean another.
    private static bool IsOurs(int pid) =>
        FileStatus.TryOf($"/proc/{pid}/exe") is { } its && FileStatus.TryOf("/proc/self/exe") is { } ours && its.Inode == ours.Inode && its.Device == ours.Device;
}
