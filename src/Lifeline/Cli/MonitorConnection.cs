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

    // The keeper starts a new monitor within milliseconds; when several die in a row it waits longer and longer.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    private readonly IpcEndpoint endpoint;

    private readonly IpcProxy monitor;

    private MonitorConnection(IpcEndpoint endpoint, IpcProxy monitor)
    {
        this.endpoint = endpoint;
        this.monitor = monitor;
        Admin = new MonitorAdminProxy(monitor);
    }

    public MonitorAdminProxy Admin { get; }

    public ServiceMonitorProxy Reporter => new(monitor);

    /// <summary>Open alerts, silences and channels; null from a monitor of an earlier version, which knows nothing of them.</summary>
    public async Task<AlertOverview?> AlertsAsync(CancellationToken cancellation)
    {
        try
        {
            return await Admin.AlertsAsync(cancellation).ConfigureAwait(false);
        }
        catch (IpcException e) when (e.Error == IpcError.CodeOutOfRange)
        {
            return null;
        }
    }

    public static Task<MonitorConnection> ConnectAsync(Places places, CancellationToken cancellation) =>
        ConnectAsync(places.Socket, cancellation);

    /// <remarks><paramref name="socket"/>: the path of the monitor's socket.</remarks>
    public static async Task<MonitorConnection> ConnectAsync(string socket, CancellationToken cancellation)
    {
        var endpoint = new IpcEndpoint(new IpcEndpointOptions { HandshakeTimeout = HandshakeTimeout, Workers = 1, Name = "cli" });
        try
        {
            var session = await endpoint.ConnectAsync(socket, cancellation).ConfigureAwait(false);
            return new MonitorConnection(endpoint, await FindMonitorAsync(session.Root, cancellation).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            await endpoint.DisposeAsync().ConfigureAwait(false);
            if (e is IpcException refused) throw Explain(refused, socket);
            throw;
        }
    }

    /// <summary>
    /// Asks, and asks the next monitor if this one dies meanwhile: only for what may be done twice. The keeper's socket stays,
    /// so that for a monitor that is just being replaced one only has to wait.
    /// </summary>
    public static async Task<T> AskAsync<T>(string socket, TimeProvider clock, Func<MonitorConnection, Task<T>> ask, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                await using var monitor = await ConnectAsync(socket, cancellation).ConfigureAwait(false);
                return await ask(monitor).ConfigureAwait(false);
            }
            catch (Exception e) when (IsEnding(e) && clock.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(BetweenAttempts, clock, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The monitor died while it was talked to; another may follow.</summary>
    public static bool IsEnding(Exception e) => (e as IpcException ?? e.InnerException as IpcException)?.Error == IpcError.DeadObject;

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

    // The socket's root is the registry; a monitor that is alone at its socket is understood too.
    private static async Task<IpcProxy> FindMonitorAsync(IpcProxy root, CancellationToken cancellation) =>
        await root.GetDescriptorAsync(cancellation).ConfigureAwait(false) == ServiceMonitorCodes.Descriptor
            ? root
            : await new RegistryClient(root).GetAsync(ServiceMonitorCodes.RegistryName, cancellation).ConfigureAwait(false);

    private static CliException Explain(IpcException e, string socket) => e.Error switch
    {
        IpcError.NotFound => NoMonitor(e.InnerException is LinuxException { Errno: Errno.ECONNREFUSED } ? $"nobody answers at {socket}" : $"{socket} does not exist", e),
        IpcError.DeadObject => NoMonitor($"the one at {socket} is just ending", e),
        IpcError.PermissionDenied => new CliException(ExitCode.Failed, $"permission denied at {socket}", null, e),
        IpcError.Timeout => new CliException(ExitCode.Failed, $"the monitor at {socket} does not answer", "its keeper replaces it when it gives no sign of life", e),
        IpcError.ProtocolMismatch => new CliException(ExitCode.Failed, $"{socket} does not speak this version's protocol: {e.Message}", "use the same version of lifeline", e),
        _ => new CliException(ExitCode.Failed, $"cannot connect to {socket}: {e.Message}", null, e),
    };

    private static CliException NoMonitor(string why, Exception e) => new(
        ExitCode.NoMonitor,
        $"no monitor is running ({why})",
        $"start one with \"lifeline up\"; another run folder is named by --run-dir or {Places.RunFolderVariable}",
        e);
}
