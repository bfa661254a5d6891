using System.Net;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>
/// Which Host and Origin a request may name. A page of somebody else whose name was made to point here (DNS rebinding) names itself, and
/// is refused. Immutable.
/// </summary>
internal sealed class HostCheck
{
    private readonly bool _onlyLoopback;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase) { "localhost" };

    public HostCheck(IPAddress listening, IEnumerable<string> names)
    {
        _onlyLoopback = IPAddress.IsLoopback(listening);
        if (!_onlyLoopback)
            _names.Add(Environment.MachineName);
        _names.UnionWith(names);
    }

    /// <summary>The port is of no matter: it may be forwarded, and a page cannot choose the name it was loaded from.</summary>
    public bool IsOurs(HostString host)
    {
        if (!host.HasValue)
            return false;
        var name = host.Host.Trim('[', ']');
        return _names.Contains(name) || (IPAddress.TryParse(name, out var address) && (!_onlyLoopback || IPAddress.IsLoopback(address)));
    }

    /// <summary>An Origin must be the very one that the request is for.</summary>
    public static bool IsSame(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from)
        && from.Scheme == request.Scheme
        && string.Equals(from.Authority, WithoutDefaultPort(request), StringComparison.OrdinalIgnoreCase);

    private static string WithoutDefaultPort(HttpRequest request) =>
        request.Host.Port == (request.Scheme == "https" ? 443 : 80) ? request.Host.Host : request.Host.Value ?? "";
}
