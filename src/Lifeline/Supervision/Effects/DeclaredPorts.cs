using System.Net;
using Lifeline.Configuration;

namespace Lifeline.Supervision;

/// <summary>The local ports that a service's configuration says it listens on by itself: those of its probes that the keeper does not hold for it.</summary>
internal static class DeclaredPorts
{
    public static IReadOnlyList<IPEndPoint> Of(ServiceConfiguration service)
    {
        if (service.Probe is null && service.ReadyProbe is null)
            return [];
        var held = service.Listen.Where(l => l.Kind == ListenKind.Tcp).Select(l => l.Port).ToHashSet();
        return [.. Addresses(service.Probe).Concat(Addresses(service.ReadyProbe)).Where(p => !held.Contains(p.Port)).Distinct()];
    }

    // Only what is on this machine for certain: a name may stand for another.
    private static IEnumerable<IPEndPoint> Addresses(ProbeSettings? probe)
    {
        var (host, port) = probe switch
        {
            { Tcp: { } tcp } => (tcp.Host, tcp.Port),
            { Http: { } http } => (http.IdnHost, http.Port),
            _ => ("", 0),
        };
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            yield return new IPEndPoint(IPAddress.Loopback, port);
        else if (IPAddress.TryParse(host.Trim('[', ']'), out var address) && (IPAddress.IsLoopback(address) || IsAny(address)))
            yield return new IPEndPoint(address, port);
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
