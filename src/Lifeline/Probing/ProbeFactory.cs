using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Linux;
using Lifeline.Monitor;
using Lifeline.Reclaim;
using Lifeline.Supervision;

namespace Lifeline.Probing;

/// <summary>Makes the probe of a generation from its service's settings.</summary>
internal sealed class ProbeFactory(LaunchPlanner launches, TimeProvider time) : IDisposable
{
    // A probe is no part of the service: what it says there would be taken for nobody's word.
    private static readonly string[] ServiceOnly = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"];

    private readonly BlockingThreads _threads = new(ProbeLimits.MaxCommands, "probe");

    /// <summary>How the services of a directory are probed, by the settings that are in force when it begins.</summary>
    public Func<StartProbing, (ProbeSettings Settings, IProbe Probe)?> Find(Func<string, ServiceConfiguration?> services) => order =>
        services(order.Service) is { } service && SettingsOf(service, order.Use) is { } settings
            ? (settings, Create(service, order, settings))
            : null;

    private static ProbeSettings? SettingsOf(ServiceConfiguration service, ProbeUse use) =>
        use == ProbeUse.Live ? service.Probe : service.ReadyProbe ?? service.Probe;

    private IProbe Create(ServiceConfiguration service, StartProbing order, ProbeSettings settings)
    {
        if (settings.Http is { } target)
            return new HttpProbe(target);
        return settings.Tcp is { } address ? new TcpProbe(address) : new ExecProbe(OrderOf(service, order, settings), settings.Exec![0], _threads, time);
    }

    public void Dispose() => _threads.Dispose();

    // A command of the service's user must never run as root. The full path: PATH may name folders of that user.
    private static string[] Identify(ServiceIdentity? identity)
    {
        if (identity is null || (CurrentProcess.Uid != 0 && identity.Uid == CurrentProcess.Uid))
            return [];
        var groups = identity.Groups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', identity.Groups)}";
        return
        [
            "/usr/bin/setpriv",
            string.Create(CultureInfo.InvariantCulture, $"--reuid={identity.Uid}"),
            string.Create(CultureInfo.InvariantCulture, $"--regid={identity.Gid}"),
            groups, "--",
        ];
    }

    private CommandOrder OrderOf(ServiceConfiguration service, StartProbing order, ProbeSettings settings)
    {
        var environment = launches.EnvironmentOf(service, order.Generation, order.Service);
        foreach (var name in ServiceOnly)
            environment.Remove(name);
        return new CommandOrder
        {
            Command = [.. Identify(service.Identity), .. settings.Exec ?? throw new ArgumentException($"The probe of {service.Name} says not whom to ask.", nameof(settings))],
            WorkingDirectory = service.WorkingDirectory,
            Environment = environment,
            Timeout = settings.Timeout,
        };
    }
}
