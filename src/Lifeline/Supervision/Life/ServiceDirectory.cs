using System.Collections.Concurrent;
using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>The configuration of each service that is supervised now. Safe for any thread.</summary>
internal sealed class ServiceDirectory
{
    private readonly ConcurrentDictionary<string, ServiceConfiguration> _services = new(StringComparer.Ordinal);

    /// <summary>Called when a service is no longer configured and nothing of it lives.</summary>
    public Action<string> Forgotten { get; set; } = _ => { };

    /// <summary>The service of a slot, by the slot's key.</summary>
    public ServiceConfiguration? FindSlot(string key) => Find(SlotKeys.ServiceOf(key));

    /// <summary>The keys of the slots of a service.</summary>
    public static IReadOnlyList<string> SlotsOf(ServiceConfiguration service) =>
        service.Update == UpdateRule.Overlap ? [service.Name, SlotKeys.SecondOf(service.Name)] : [service.Name];

    public ServiceConfiguration? Find(string name) => _services.GetValueOrDefault(name);

    /// <summary>The slots that a name means: itself, or all instances of the service that is called so in the file.</summary>
    public IReadOnlyList<string> Meant(string name) => _services.ContainsKey(name)
        ? [name]
        : [.. _services.Values.Where(service => service.Family == name).OrderBy(service => service.Instance).Select(service => service.Name)];

    public IEnumerable<ServiceConfiguration> All => _services.Values;

    /// <summary>Adds and replaces. Services that are missing stay known until they are forgotten: they are still being stopped and reclaimed.</summary>
    public void Update(IEnumerable<ServiceConfiguration> services)
    {
        foreach (var service in services)
            _services[service.Name] = service;
    }

    public void Forget(string name)
    {
        if (_services.TryRemove(name, out _))
            Forgotten(name);
    }
}
