using Lifeline.Linux;

namespace Lifeline.Keeper;

// The monitor: started, read, watched, replaced.
internal sealed partial class KeeperLoop
{
    private void TakeOver(UnixSocket socket, long now)
    {
        MonitorChannel channel = new(socket);
        Monitor.TakeOver(channel, now);
        epoll.Add(socket, EpollEvents.In, EventTag.Make(EventSource.MonitorLink));
    }

    private void StartMonitor(long now)
    {
        try
        {
            Monitor.Start(runLock, now);
            epoll.Add(Monitor.Channel!.Socket, EpollEvents.In, EventTag.Make(EventSource.MonitorLink));
            epoll.Add(Monitor.PidFd!, EpollEvents.In, EventTag.Make(EventSource.MonitorProcess));
            writeWatched = false;
            RunFolder.WriteMonitorPid(options.RunDirectory, Monitor.Pid);
            announcer.Connect(Monitor.Channel, Monitor.Starts);
        }
        catch (LinuxException e)
        {
            log.Write($"the monitor could not be started: {e.Message}");
            Monitor.Kill();
            Monitor.NoteStartFailed(now);
            NoteMonitorOfUpgradeGone();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write($"monitor.pid could not be written, going on: {e.Message}");
            announcer.Connect(Monitor.Channel!, Monitor.Starts);
        }
    }

    private void ReadMonitor(long now)
    {
        ReadMonitor(now, MaxMessagesInARow);
        Announce();
    }

    private void ReadMonitor(long now, int most)
    {
        for (int i = 0; i < most && Monitor.Channel is { } channel; i++)
        {
            ReceivedMessage message = ReceiveFrom(channel);
            if (message.WouldBlock) return;
            if (message.EndOfStream) CloseMonitorLink(now);
            else orders.Handle(buffer.AsSpan(0, message.Length), message.Descriptors, message.Truncated, now);
        }
    }

    private ReceivedMessage ReceiveFrom(MonitorChannel channel)
    {
        try
        {
            return channel.Socket.Receive(buffer, wait: false);
        }
        catch (LinuxException e)
        {
            log.Write($"receiving from the monitor failed, it is replaced: {e.Message}");
            return new ReceivedMessage { EndOfStream = true };
        }
    }

    private void CloseMonitorLink(long now)
    {
        announcer.Disconnect();
        if (Monitor.Channel is { } channel) epoll.Remove(channel.Socket);
        Monitor.CloseLink(now);
        if (Monitor.PidFd is null) Replace(now, null); // it was to be taken over and died before it said who it is
    }

    private void NoteMonitorGone(long now)
    {
        if (Monitor.PidFd is not { } pidFd) return;
        ExitStatus? exit = pidFd.TryReap() ?? pidFd.TryGetExit();
        ReadMonitor(now, int.MaxValue); // what it said before it died counts
        if (Monitor.Channel is not null) CloseMonitorLink(now); // somebody else holds its end too
        Replace(now, exit);
    }

    private void Replace(long now, ExitStatus? exit)
    {
        announcer.Disconnect();
        if (Monitor.PidFd is { } pidFd) epoll.Remove(pidFd);
        bool isFirst = !Monitor.EverReady && instances.Living == 0;
        int pid = Monitor.Pid;
        string failure = Monitor.StartFailure;
        long delay = Monitor.NoteGone(now);
        NoteMonitorOfUpgradeGone();
        sweepAt = Math.Min(sweepAt, now + KeeperTiming.Nanoseconds(KeeperTiming.SweepSoon));
        if (finishCode is not null)
        {
            result = finishCode;
        }
        else if (isFirst && exit is { ExitCode: MonitorExitCode.CannotStart or MonitorExitCode.WrongConfiguration })
        {
            result = exit.Value.ExitCode == MonitorExitCode.WrongConfiguration ? 2 : 1;
            Notify.Tell(result.Value, failure.Length > 0 ? failure : "the monitor cannot start");
        }
        else if (!stop.IsOnOurOwn)
        {
            log.Write($"monitor {pid} ended ({MonitorProcess.Describe(exit)}); another is started in {delay / 1_000_000} ms");
        }
    }

    private bool IsMonitorReady => Monitor is { State: MonitorState.Ready, Channel: not null };

    private void WatchMonitor(long now)
    {
        if (Monitor.State == MonitorState.Down)
        {
            if (AcceptsLaunches && now >= Monitor.RestartAt) StartMonitor(now);
            return;
        }

        if (Monitor.KillAt != 0)
        {
            if (now >= Monitor.KillAt) Monitor.Kill();
            return;
        }

        if (now < Monitor.AliveDeadline || finishCode is not null) return;
        log.Write($"monitor {Monitor.Pid} gave no sign of life for {options.AliveTimeout.TotalSeconds} s: killing it");
        Monitor.Kill();
        Monitor.NoteAlive(now);
    }
}
