using System.Net.Sockets;
using Lifeline.Client;
using Lifeline.Contracts;

namespace Quickstart;

/// <summary>A socket in the file system: as long as its file exists, nobody else can bind it. Claimed before it is made, so that Lifeline removes it whatever happens.</summary>
internal sealed class Inbox : IDisposable
{
    private readonly string _path;
    private readonly IDisposable _claim;
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public Inbox(StatusReporter reporter, string path)
    {
        _path = path;
        _claim = reporter.Claim(ClaimKind.Path, path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
        _claim.Dispose();
    }
}
