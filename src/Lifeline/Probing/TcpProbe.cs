using System.Globalization;
using System.Net.Sockets;
using Lifeline.Configuration;

namespace Lifeline.Probing;

/// <summary>Good is a connection that is accepted; it is closed at once.</summary>
internal sealed class TcpProbe(ProbeAddress address) : IProbe
{
    public async Task<ProbeOutcome> AskAsync(CancellationToken timeout, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout, stop);
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(address.Host, address.Port, either.Token).ConfigureAwait(false);
            return ProbeOutcome.Good(string.Create(CultureInfo.InvariantCulture, $"{address} accepts connections"));
        }
        catch (SocketException e)
        {
            return ProbeOutcome.Bad($"{address}: {Words(e.SocketErrorCode) ?? e.Message}");
        }
    }

    private static string? Words(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.HostNotFound => "no such host",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "not reachable",
        _ => null,
    };
}
