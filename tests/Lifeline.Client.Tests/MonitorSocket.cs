using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Client.Tests;

/// <summary>A listening socket in a folder of its own that outlives monitors, as the keeper's does.</summary>
internal sealed class MonitorSocket : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lifeline-client-").FullName;
    private UnixSocket? _listener;

    public string Path => System.IO.Path.Combine(_folder, "ipc.sock");

    public string Folder => _folder;

    public FakeMonitor StartMonitor(TimeSpan? heartbeat = null, IpcRegistry? registry = null) => new(Share(), heartbeat, registry);

    /// <summary>A duplicate of the listening socket, for whoever serves it now.</summary>
    public UnixSocket Share()
    {
        Listen();
        return UnixSocket.FromDescriptor(_listener!);
    }

    public void Listen() => _listener ??= UnixSocket.Listen(Path, UnixSocketType.SeqPacket);

    public StatusReporter StartReporter(Action<StatusReporterOptions>? configure = null)
    {
        var options = new StatusReporterOptions { SocketPath = Path, Service = "orders", Generation = 3 };
        configure?.Invoke(options);
        return StatusReporter.Create(options);
    }

    public void Dispose()
    {
        _listener?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
