using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>How a detached start ended.</summary>
/// <param name="ExitCode">What <c>up -d</c> shall exit with.</param>
/// <param name="Text">For people: why it failed; empty or a remark if it succeeded.</param>
/// <param name="GoesOn">Whether the keeper goes on, also if something failed.</param>
internal sealed record KeeperStartResult(int ExitCode, string Text, bool GoesOn = false)
{
    /// <summary>Everything that was to be started is up.</summary>
    public bool IsSuccess => ExitCode == 0;
}

/// <summary>What <c>lifeline up</c> calls.</summary>
internal static class KeeperStarter
{
    private const int NotifyTarget = 3;
    private const int MaxToldBytes = 16 * 1024;

    /// <summary>
    /// This process becomes the keeper: by exec, so that nothing of the command line weighs on it for as long as it
    /// lives. Returns (an exit code) only if exec fails and the keeper ran here.
    /// </summary>
    public static int RunForeground(KeeperOptions options)
    {
        KeeperOptions foreground = options with { Foreground = true };
        SelfCommand self = SelfCommand.Current();
        try
        {
            CurrentProcess.CloseOnExecFrom(3);
            CurrentProcess.Execute(self.Path, [self.Path, .. self.Arguments(SelfCommand.Keeper, foreground.ToArguments())], Child.InheritedEnvironment);
        }
        catch (LinuxException)
        {
            // The file was replaced or removed: this process is as good.
        }

        return KeeperProgram.Run(foreground);
    }

    /// <summary>
    /// Starts a keeper in the background and waits until its monitor says that everything is up (<see cref="KeeperLink.Settled"/>)
    /// or that it cannot. After <paramref name="timeout"/> the keeper is left running and the result says so.
    /// </summary>
    /// <exception cref="LinuxException">No process or pipe could be had.</exception>
    public static KeeperStartResult StartDetached(KeeperOptions options, TimeSpan timeout) => StartDetached(SelfCommand.Current(), options, timeout);

    /// <summary>As the other, with another executable.</summary>
    public static KeeperStartResult StartDetached(SelfCommand self, KeeperOptions options, TimeSpan timeout)
    {
        (Descriptor read, Descriptor write) = Pipe.Create();
        using (read)
        {
            SpawnedProcess keeper;
            using (write)
            {
                List<string> rest = [.. (options with { Foreground = false }).ToArguments(), "--notify-fd", "3"];
                keeper = Child.Spawn(self.Path, self.Arguments(SelfCommand.Keeper, rest), inheritOutput: false, (write, NotifyTarget));
            }

            using (keeper) return Wait(read, keeper, timeout);
        }
    }

    private static KeeperStartResult Wait(Descriptor read, SpawnedProcess keeper, TimeSpan timeout)
    {
        byte[] told = new byte[MaxToldBytes];
        int length = 0;
        long until = MonotonicClock.Nanoseconds + KeeperTiming.Nanoseconds(timeout);
        while (length < told.Length)
        {
            long left = until - MonotonicClock.Nanoseconds;
            if (left <= 0 || !Poller.IsReady(read, PollEvents.In, (int)Math.Min((left / 1_000_000) + 1, int.MaxValue)))
                return new KeeperStartResult(1, $"not everything was up within {timeout.TotalSeconds:0} s; lifeline goes on in the background (keeper {keeper.Pid})", GoesOn: true);

            int count = read.Read(told.AsSpan(length));
            if (count <= 0) break;
            length += count;
        }

        return NotifyPipe.Parse(told.AsSpan(0, length)) ?? new KeeperStartResult(1, $"the keeper ({keeper.Pid}) ended without a word; see keeper.log in the run folder");
    }
}
