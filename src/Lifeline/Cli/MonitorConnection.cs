using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Ipc;
using Lifeline.Linux;

namespace Lifeline.Cli;

/// <summary>A session with the running monitor. Everything that can go wrong with it comes as a <see cref="CliException"/>.</summary>
internal sealed class MonitorConnection : IAsyncDisposable
{
    // A monitor that is just being replaced accepts a little later; the socket is the keeper's and stays.
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(20);

    private readonly IpcEndpoint endpoint;

    private MonitorConnection(IpcEndpoint endpoint, IpcSession session)
    {
        this.endpoint = endpoint;
        Session = session;
        Admin = new MonitorAdminProxy(session.Root);
    }

    public IpcSession Session { get; }

    public MonitorAdminProxy Admin { get; }

    public ServiceMonitorProxy Reporter => new(Session.Root);

    public static Task<MonitorConnection> ConnectAsync(Places places, CancellationToken cancellation) =>
        ConnectAsync(places.Socket, cancellation);

    /// <remarks><paramref name="socket"/>: the path of the monitor's socket.</remarks>
    public static async Task<MonitorConnection> ConnectAsync(string socket, CancellationToken cancellation)
    {
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { HandshakeTimeout = HandshakeTimeout, Workers = 1, Name = "cli" });
        try
        {
            var session = await endpoint.ConnectAsync(socket, cancellation).ConfigureAwait(false);
            return new MonitorConnection(endpoint, session);
        }
        catch (Exception e)
        {
            await endpoint.DisposeAsync().ConfigureAwait(false);
            if (Explain(e, socket) is { } explained) throw explained;
            throw;
        }
    }

    /// <summary>Makes an error of a call into a message and an exit code.</summary>
    public static CliException Explain(IpcException e) => e.Error switch
    {
        IpcError.NotFound => new CliException(ExitCode.NoSuchService, e.Message, null, e),
        IpcError.PermissionDenied => new CliException(ExitCode.Failed, e.Message, null, e),
        IpcError.DeadObject => new CliException(ExitCode.NoMonitor, "the monitor ended before it answered", "lifeline status says whether it is back", e),
        IpcError.Timeout => new CliException(ExitCode.Failed, "the monitor did not answer in time", "lifeline doctor and the monitor's log may say why", e),
        _ => new CliException(ExitCode.Failed, e.Message, null, e),
    };

    public ValueTask DisposeAsync() => endpoint.DisposeAsync();

    private static CliException? Explain(Exception e, string socket) => e switch
    {
        LinuxException { Errno: Errno.ENOENT or Errno.ENOTDIR } => NoMonitor($"{socket} does not exist", e),
        LinuxException { Errno: Errno.ECONNREFUSED } => NoMonitor($"nobody answers at {socket}", e),
        LinuxException { Errno: Errno.EACCES or Errno.EPERM } => new CliException(ExitCode.Failed, $"permission denied at {socket}", null, e),
        LinuxException => new CliException(ExitCode.Failed, $"cannot connect to {socket}: {e.Message}", null, e),
        IpcException { Error: IpcError.DeadObject } => NoMonitor($"the monitor at {socket} is just ending", e),
        IpcException { Error: IpcError.Timeout } => new CliException(ExitCode.Failed, $"the monitor at {socket} does not answer", "its keeper replaces it when it gives no sign of life", e),
        IpcException { Error: IpcError.ProtocolMismatch } => new CliException(ExitCode.Failed, $"{socket} does not speak this version's protocol: {e.Message}", "use the same version of lifeline", e),
        IpcException => new CliException(ExitCode.Failed, $"{socket}: {e.Message}", null, e),
        _ => null,
    };

    private static CliException NoMonitor(string why, Exception e) => new(
        ExitCode.NoMonitor,
        $"no monitor is running ({why})",
        $"start one with \"lifeline up\"; another run folder is named by --run-dir or {Places.RunFolderVariable}",
        e);
}
