using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// What goes with a service from one generation to the next, from its first start until it is stopped: the pipes of its output, its notify socket, its listening sockets, what it stored, and which of its processes is
/// the main one.
/// </summary>
internal sealed class KeptThings(LogPipes pipes, LaunchDescriptors descriptors, ListenSockets sockets, DescriptorStore store, MainProcesses mains, ServiceDirectory services)
{
    /// <summary>Set before the first effect.</summary>
    public NotifySockets? Notifications { get; set; }

    /// <summary>Makes what the service needs before it is started and is not there yet.</summary>
    /// <exception cref="IOException">There are no descriptors left, or its log files cannot be opened.</exception>
    public Task OpenAsync(ServiceConfiguration service, string slot, int generation)
    {
        try
        {
            Notifications?.Open(service, slot, 0);
            return pipes.OpenAsync(service, slot, generation);
        }
        catch (Exception e) when (e is IOException or KeeperProtocolException)
        {
            return Task.FromException(e);
        }
    }

    /// <summary>The order of a generation with what it finds open; what the one before had still to say is heard first.</summary>
    /// <exception cref="ListenException">A socket cannot be made.</exception>
    public LaunchJob Begin(LaunchJob job, ServiceConfiguration service)
    {
        Notifications?.BeginGeneration(service, job.Slot, job.Generation);
        return descriptors.Equip(job, service);
    }

    /// <summary>On the decision loop only.</summary>
    public ProcessExited? Watch(WatchMain order) => mains.Watch(order);

    /// <summary>The service is stopped: nothing waits for its next start. On the decision loop only.</summary>
    public void Drop(string service, MonitorCore core)
    {
        store.Drop(service);
        Close(service);
        if (services.Find(service)?.Family is not { } family || !sockets.HasAny(family))
            return;
        var others = services.All.Where(other => other.Family == family && other.Name != service);
        if (others.All(other => core.ViewOfService(other.Name) is null or { Phase: SlotPhase.Stopped }))
            sockets.Close(family);
    }

    /// <summary>Nothing lives in one slot of a service that goes on in its other one: what was written there is taken, and its pipes are closed.</summary>
    public void CloseOutput(string slot) => _ = pipes.CloseAsync(slot);

    /// <summary>Gives back what <see cref="OpenAsync"/> made: nothing of the service lives.</summary>
    public void Close(string service)
    {
        Notifications?.Close(service);
        Notifications?.Close(SlotKeys.SecondOf(service));
        _ = pipes.CloseAsync(service);
        _ = pipes.CloseAsync(SlotKeys.SecondOf(service));
    }
}
