using Lifeline.Configuration;
using Lifeline.Contracts;

namespace Lifeline.Supervision;

/// <summary>What is told of services that are asked for by name, beyond what is told of all: what is next, limits, sockets. Safe for any thread.</summary>
internal sealed class ServiceDetails(Supervisor supervisor, ServiceDirectory services, ListenSockets sockets, DescriptorStore store)
{
    /// <summary>A page of some services.</summary>
    public async Task<ServicePage<ServiceSnapshot>> PageAsync(IReadOnlyList<string> names, int first)
    {
        var page = ServiceLists.PageOf(names, first, ServiceLists.MaxSnapshots);
        return new(await OfAsync(page.Services).ConfigureAwait(false), page.IsLast);
    }

    /// <summary>Some services as they are now; what does not exist is left out.</summary>
    public async Task<IReadOnlyList<ServiceSnapshot>> OfAsync(IReadOnlyList<string> names)
    {
        var known = await supervisor.AskAsync<List<ServiceSnapshot>>(core =>
            [.. names.Select(name => core.Snapshot(name) is { } snapshot ? snapshot with { Due = core.Due(name) } : null).OfType<ServiceSnapshot>()]).ConfigureAwait(false);
        return known.ConvertAll(Fill);
    }

    private ServiceSnapshot Fill(ServiceSnapshot snapshot)
    {
        if (services.Find(snapshot.Name) is not { } service)
            return snapshot;
        var (listen, stored) = (sockets.Describe(service), store.NamesOf(service.Name));
        return snapshot with
        {
            Limits = LimitsOf(service.Limits),
            Listen = listen.Count > 0 ? listen : null,
            Stored = stored.Count > 0 ? stored : null,
        };
    }

    private static SnapshotLimits? LimitsOf(LimitSettings limits) => limits == new LimitSettings() ? null : new SnapshotLimits
    {
        Nofile = limits.OpenFiles,
        MemoryBytes = limits.Memory,
        Processes = limits.Processes,
        CoreBytes = limits.Core,
    };
}
