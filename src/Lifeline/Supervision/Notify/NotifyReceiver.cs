using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// Takes one datagram after the other out of a notify socket: finds out who sent it, and brings it to the decision loop or to the
/// descriptor store. Called with the socket's gate held.
/// </summary>
internal sealed class NotifyReceiver(
    CallerResolver callers, DescriptorStore store, KeeperLink keeper, NotifyLog log, Action<NotifyInbox> tell, Action<Action> afterwards)
{
    /// <summary>Descriptors that are taken with one datagram; with more of them it is dropped.</summary>
    public const int MaxDescriptors = UnixSocket.MaxDescriptors;

    /// <summary>Handles one datagram.</summary>
    /// <param name="socket">Where from.</param>
    /// <param name="buffer">Of <see cref="NotifyParser.MaxMessage"/> bytes.</param>
    /// <param name="mayWait">Whether to wait for the news of a launch whose processes speak already.</param>
    /// <returns>False if there was none.</returns>
    public bool Receive(NotifySocket socket, byte[] buffer, bool mayWait)
    {
        ReceivedMessage datagram;
        try
        {
            datagram = socket.Socket.Receive(buffer, wait: false);
        }
        catch (Exception e) when (e is LinuxException or ObjectDisposedException)
        {
            // Closed meanwhile: the service is being taken out of the configuration.
            return false;
        }

        if (datagram.WouldBlock)
            return false;
        try
        {
            Handle(socket, datagram, buffer, mayWait);
        }
        finally
        {
            foreach (var descriptor in datagram.Descriptors)
                descriptor?.Dispose();
        }

        return true;
    }

    private void Handle(NotifySocket socket, ReceivedMessage datagram, byte[] buffer, bool mayWait)
    {
        if (datagram.Truncated)
        {
            log.Dropped(socket.Service, $"it has more than {NotifyParser.MaxMessage} bytes or {MaxDescriptors} descriptors, or there is no room for these");
            return;
        }

        if (NotifyParser.Parse(buffer.AsSpan(0, datagram.Length), out var refusal) is not { } message)
            log.Dropped(socket.Service, refusal!);
        else if (FindGeneration(socket, datagram.Sender, mayWait) is not { } generation)
            return;
        else if (message.IsBarrier)
            Release(datagram.Descriptors);
        else if (MayNotify(socket, datagram.Sender!.Value, generation))
            Take(socket, generation, message, datagram.Descriptors);
    }

    // Whoever waits at the other end (a stranger waits for nothing: his are closed at once) goes on when the loop has come to here, and so has seen all that came before.
    private void Release(Descriptor[] descriptors)
    {
        if (descriptors.Length == 0)
            return;
        Descriptor[] taken = [.. descriptors];
        Array.Clear(descriptors);
        afterwards(() =>
        {
            foreach (var descriptor in taken)
                descriptor.Dispose();
        });
    }

    // By the kernel's word: the control group or the parents of the sender, whatever it claims.
    private int? FindGeneration(NotifySocket socket, PeerCredentials? sender, bool mayWait)
    {
        if (sender is not { } peer)
            return null;
        var owner = mayWait ? callers.ResolveAsync(peer.Pid).AsTask().GetAwaiter().GetResult() : callers.Resolve(peer.Pid);
        if (owner is { } found && found.Service == socket.Service)
            return found.Generation;
        // A process that has ended after it spoke, as that of systemd-notify does, can only be known by the socket it was let into.
        if (owner is null && peer.Pid > 0 && socket.IsOpenTo(peer.Uid) && ProcFs.TryReadStat(peer.Pid) is null)
            return socket.Generation;
        log.Dropped(socket.Service, $"process {peer.Pid} of user {peer.Uid} does not belong to the service");
        return null;
    }

    private bool MayNotify(NotifySocket socket, PeerCredentials sender, int generation)
    {
        var isOld = generation != socket.Generation;
        if (isOld || socket.Access == NotifyAccess.All || (socket.Access == NotifyAccess.Main && callers.IsMain(sender.Pid)))
            return true;
        log.Dropped(socket.Service, $"NOTIFYACCESS does not let process {sender.Pid} speak");
        return false;
    }

    private void Take(NotifySocket socket, int generation, NotifyMessage message, Descriptor[] descriptors)
    {
        if (message.Access is { } access && generation == socket.Generation)
            socket.Access = access;
        if (message.Stores && store.Add(SlotKeys.ServiceOf(socket.Service), message.DescriptorName, descriptors, !message.IsUnpolled) is { } refusal)
            log.Dropped(socket.Service, refusal);
        if (message.Removes)
            store.Remove(SlotKeys.ServiceOf(socket.Service), message.DescriptorName);
        var main = message.MainPid is { } pid ? FindMain(socket.Service, generation, pid) : null;
        if (socket.Inbox.Take(generation, message, main))
            tell(socket.Inbox);
    }

    private MainCandidate? FindMain(string service, int generation, int pid)
    {
        if (callers.IsMain(pid, service, generation))
            return null;
        var process = PidFd.TryOpen(pid);
        // Looked at after the descriptor was opened: the number means no other process any more.
        if (process is not null && ProcFs.TryReadStat(pid) is { IsZombie: false } stat && callers.Resolve(pid) == (service, generation) && !process.HasExited)
        {
            if (keeper.CanChangeMain)
                return new MainCandidate(pid, stat.StartTimeTicks, process);
            log.Dropped(service, "MAINPID needs a newer keeper than the one that runs: it is replaced at the next start of Lifeline");
        }
        else
        {
            log.Dropped(service, $"MAINPID={pid} is no living process of generation {generation}");
        }

        process?.Dispose();
        return null;
    }
}
