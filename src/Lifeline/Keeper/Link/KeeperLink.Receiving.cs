using Lifeline.Linux;

namespace Lifeline.Keeper;

// The link's own thread: what the keeper says, and what is done when it dies.
internal sealed partial class KeeperLink
{
    private void Run()
    {
        while (true)
        {
            string? lost = null;
            try
            {
                if (!Exchange()) return;
            }
            catch (KeeperProtocolException e)
            {
                lost = e.Message;
            }
            catch (LinuxException e)
            {
                lost = e.Message;
            }

            if (!Replace(lost ?? "its socket closed")) return;
        }
    }

    // Receives until the link ends (true) or is disposed (false).
    private bool Exchange()
    {
        Span<PollItem> items = new PollItem[2];
        pulse.Begin(MonotonicClock.Nanoseconds);
        while (true)
        {
            UnixSocket current;
            lock (gate)
            {
                if (disposed) return false;
                current = socket!;
                if (!finishing && restarter is not null) AskForSignOfLife();
                bool blocked = !TryFlush();
                items[0] = new PollItem(current, blocked ? PollEvents.In | PollEvents.Out : PollEvents.In);
            }

            items[1] = new PollItem(wake, PollEvents.In);
            Poller.Poll(items, pulse.MillisecondsToNext(MonotonicClock.Nanoseconds));
            if (items[1].Returned != 0) wake.Drain();
            if (items[0].Returned != 0 && !Drain(current)) return true;
        }
    }

    // The caller holds the gate.
    private void AskForSignOfLife()
    {
        switch (pulse.Look(MonotonicClock.Nanoseconds))
        {
            case KeeperPulseState.Ask:
                Span<byte> frame = stackalloc byte[KeeperProtocol.HeaderSize];
                outbox.Add(LinkFrames.Ping(frame));
                break;
            case KeeperPulseState.Silent:
                throw new KeeperProtocolException($"it gave no sign of life for {restarter!.AliveTimeout.TotalSeconds:0.#} s");
        }
    }

    private bool Drain(UnixSocket current)
    {
        while (true)
        {
            ReceivedMessage message = current.Receive(buffer, wait: false);
            if (message.WouldBlock) return true;
            if (message.EndOfStream) return false;
            pulse.NoteSign(MonotonicClock.Nanoseconds);
            KeeperMessage? heard;
            lock (gate)
            {
                heard = LinkInbox.Apply(buffer.AsSpan(0, message.Length), message.Descriptors, mirror, out KeeperMessageKind kind);
                if (kind == KeeperMessageKind.Hello && mirror.Greeting is { } greeting) heard = new KeeperRestartedMessage(greeting.KeeperPid);
                if (kind == KeeperMessageKind.Continuing) HandOverAgain();
            }

            if (heard is not null) receiver!(heard);
        }
    }

    // False when the link is over: nobody restarts keepers, or this monitor is at its end.
    private bool Replace(string reason)
    {
        List<(PidFd PidFd, string? Group)> launchers;
        List<PendingLaunch> launches;
        GroupPlace? folder;
        bool last;
        lock (gate)
        {
            last = finishing || disposed || restarter is null;
            socket?.Dispose();
            socket = null;
            outbox.Clear();
            (launchers, launches) = mirror.TakeUnfinished();
            folder = mirror.GroupFolder;
        }

        List<string> stuck = last ? [] : KeeperRestarter.EndUnfinished(keeper, launchers, folder);
        foreach ((PidFd launcher, _) in launchers) launcher.Dispose();
        receiver!(new KeeperLostMessage(reason));
        for (int i = 0; i < launches.Count; i++)
        {
            // Which launcher had which order nobody knows any more. Only one that had an order can be stuck, so there are
            // never more of these groups than launches, and each holds up one of them until it is empty.
            PendingLaunch launch = launches[i];
            receiver(new LaunchFailedMessage(
                launch.RequestId, launch.Slot, launch.Generation, LaunchStep.KeeperLost, 0, "the keeper died during the launch")
            {
                Group = i < stuck.Count ? stuck[i] : null,
            });
        }

        return !last && Restart();
    }

    private bool Restart()
    {
        if (restarter!.Start(wake, IsOver) is not { } started) return false;
        lock (gate)
        {
            keeper?.Dispose();
            keeper = started.Keeper;
            HandOver();
            socket = started.Socket;
        }

        return true;
    }

    // The same process, the same socket, another program: what was sent before waits in the socket and is read by it. The caller holds
    // the gate.
    private void HandOverAgain()
    {
        if (restarter is null) throw new KeeperProtocolException("it was replaced by another program, and nobody here can hand over to it");
        mirror.ForgetLaunchers();
        HandOver();
    }

    private void HandOver()
    {
        using MessageOutbox later = new();
        outbox.MoveTo(later);
        restarter!.Introduce(outbox, mirror.Stop);
        mirror.HandOver(outbox);
        later.MoveTo(outbox);
    }

    private bool IsOver()
    {
        lock (gate) return disposed || finishing;
    }
}
