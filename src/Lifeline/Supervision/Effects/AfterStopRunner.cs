using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Reclaim;

namespace Lifeline.Supervision;

/// <summary>
/// Runs <c>after_stop</c> with all that the service had: user, folder, environment, limits, output. A launcher of our own becomes the command,
/// in the control group of the dead generation: should this monitor die meanwhile, the next finds the command there, ends it, and runs it
/// once more. Blocks its thread.
/// </summary>
internal sealed class AfterStopRunner(KeeperLink keeper, SelfCommand self)
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(5);

    /// <param name="job">The service's launch, with the command in the place of its program.</param>
    /// <param name="group">The group of the dead generation, empty by now; null without groups.</param>
    /// <param name="timeout">How long it may take.</param>
    public CommandResult Run(LaunchJob job, ControlGroup? group, TimeSpan timeout)
    {
        try
        {
            var joined = group is { Exists: true } ? job with { ControlGroupJoinFiles = [group.JoinFile] } : job;
            return RunIn(joined, timeout);
        }
        catch (Exception e) when (e is LinuxException or KeeperProtocolException or ArgumentException)
        {
            return new CommandResult { StartError = e.Message };
        }
    }

    private CommandResult RunIn(LaunchJob job, TimeSpan timeout)
    {
        var (ours, theirs) = UnixSocket.Pair(UnixSocketType.SeqPacket);
        using var link = ours;
        SpawnedProcess process;
        using (theirs)
            process = Child.Spawn(self.Path, self.Arguments(SelfCommand.Launcher, []), inheritOutput: false, (theirs, KeeperProtocol.LinkDescriptor));
        using (process)
        {
            Order(link, job);
            var inTime = Poller.IsReady(process.PidFd, PollEvents.In, (int)timeout.TotalMilliseconds);
            if (!inTime)
            {
                process.PidFd.TrySignal(Signals.Kill);
                Poller.IsReady(process.PidFd, PollEvents.In, (int)EndTimeout.TotalMilliseconds);
            }

            var exit = process.PidFd.TryReap();
            return ReadFailure(link) is { } failure
                ? new CommandResult { StartError = failure }
                : new CommandResult { Exit = exit, Exceeded = inTime ? null : timeout };
        }
    }

    private void Order(UnixSocket link, LaunchJob job)
    {
        var frame = new byte[KeeperProtocol.MaxMessage];
        var length = LaunchJobCodec.Encode(job, 0, frame);
        using var output = keeper.Duplicate(job.StandardOutput!);
        using var error = keeper.Duplicate(job.StandardError!);
        if (output is null || error is null)
            throw new KeeperProtocolException("the keeper does not hold the pipes of its output");
        link.Send(frame.AsSpan(0, length), [output, error], wait: true);
    }

    // What the launcher said: nothing but that it waits and executes, if all went well.
    private static string? ReadFailure(UnixSocket link)
    {
        var buffer = new byte[KeeperProtocol.MaxTextBytes + 1024];
        while (true)
        {
            var message = link.Receive(buffer, wait: false);
            if (message.EndOfStream || message.WouldBlock)
                return null;
            var reader = new FrameReader(buffer.AsSpan(0, message.Length));
            if (reader.Kind != KeeperMessageKind.LauncherFailed)
                continue;
            reader.Int32();
            reader.Int32();
            return reader.Text();
        }
    }
}
