using System.CommandLine;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Cli.Commands;

/// <summary><c>lifeline down</c>: asks the monitor to stop everything and waits until it is gone.</summary>
internal static class DownCommand
{
    // Services that a line about progress names.
    private const int MaxNamed = 20;

    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(2);

    public static Command Create(CommandScope scope)
    {
        var command = new Command("down", "Stop everything in order, end the monitor, and wait until all of it is gone.");
        scope.SetAction(command, async (parsed, cancellation) =>
        {
            await using var monitor = await scope.ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            return await RunAsync(scope.Context, monitor, cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, MonitorConnection monitor, CancellationToken cancellation)
    {
        var info = await monitor.Admin.InfoAsync(cancellation).ConfigureAwait(false);
        using var processes = new WatchedProcesses();
        processes.Watch("keeper", info.KeeperPid);
        processes.Watch("monitor", info.Pid);
        foreach (var service in await ServiceOutlines.AskAsync(monitor.Admin, [], ServiceRelations.None, cancellation).ConfigureAwait(false))
            if (service.Pid is { } pid) processes.Watch(service.Name, pid);
        await monitor.Admin.DownAsync(cancellation).ConfigureAwait(false);
        try
        {
            await WaitAsync(context, monitor, processes, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new CliException(ExitCode.Failed, $"still stopping: {processes.DescribeLiving()}", "the order stays; \"lifeline status\" shows how far it is");
        }
        if (!processes.AnyLiving) return ExitCode.Done;
        throw new CliException(ExitCode.Failed, $"left behind: {processes.DescribeLiving()}", "a process that SIGKILL does not end is stuck in the kernel, often on a disk or network file system that does not answer");
    }

    private static async Task WaitAsync(CliContext context, MonitorConnection monitor, WatchedProcesses processes, CancellationToken cancellation)
    {
        var started = context.Time.GetTimestamp();
        while (!await processes.WaitAsync(["keeper", "monitor"], ProgressEvery, cancellation).ConfigureAwait(false))
        {
            var seconds = (int)context.Time.GetElapsedTime(started).TotalSeconds;
            context.Say($"waiting for {await WaitingForAsync(monitor, processes, cancellation).ConfigureAwait(false)} ({seconds} s)");
        }
    }

    private static async Task<string> WaitingForAsync(MonitorConnection monitor, WatchedProcesses processes, CancellationToken cancellation)
    {
        try
        {
            var services = await ServiceOutlines.AskAsync(monitor.Admin, [], ServiceRelations.None, cancellation).ConfigureAwait(false);
            var busy = services.Where(service => service.Pid is not null).Select(service => $"{service.Name} ({JsonNames.Of(service.State)})").ToArray();
            if (busy.Length > 0) return string.Join(", ", busy.Take(MaxNamed)) + (busy.Length > MaxNamed ? $" and {busy.Length - MaxNamed} more" : "");
        }
        catch (IpcException)
        {
            // The monitor is already gone; what is still there is named below.
        }
        return processes.DescribeLiving();
    }
}
