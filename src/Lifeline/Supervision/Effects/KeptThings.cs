using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// What goes with a service from one generation to the next: its notify socket, its listening sockets, what it stored, and which of its processes is
/// the main one.
/// </summary>
internal sealed class KeptThings(LaunchDescriptors descriptors, ListenSockets sockets, DescriptorStore store, MainProcesses mains, ServiceDirectory services)
{
    /// <summary>Set before the first effect.</summary>
    public NotifySockets? Notifications { get; set; }

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
        if (services.Find(service)?.Family is not { } family)
            return;
        var others = services.All.Where(other => other.Family == family && other.Name != service);
        if (others.All(other => core.ViewOfService(other.Name) is null or { Phase: SlotPhase.Stopped }))
            sockets.Close(family);
    }
}
