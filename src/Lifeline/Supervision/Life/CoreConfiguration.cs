using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Lifeline.Configuration;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>What the core must know of a configuration.</summary>
internal static class CoreConfiguration
{
    /// <summary>Time that the shell's own steps of a reclaim may take beside the user's command.</summary>
    private static readonly TimeSpan ReclaimMargin = TimeSpan.FromSeconds(30);

    /// <summary>From the signal that ends a hung service to KILL.</summary>
    private static readonly TimeSpan HungGrace = TimeSpan.FromMilliseconds(500);

    public static MonitorConfiguration Of(LifelineConfiguration configuration)
    {
        var backoffs = configuration.Services.Select(service => service.Backoff).Distinct().ToDictionary(backoff => backoff, Of);
        return new([.. configuration.Services.Select(service => Of(service, backoffs[service.Backoff]))], [.. configuration.Alerts.Select(Of)])
        {
            ShutdownTimeout = configuration.Monitor.ShutdownTimeout,
            Groups = [.. configuration.Groups.Select(Of)],
        };
    }

    /// <summary>A running process got what is in it at its launch; only a new generation can get something else.</summary>
    public static string LaunchKeyOf(ServiceConfiguration service)
    {
        var text = new StringBuilder();
        foreach (var part in service.Command)
            text.Append(part).Append('\0');
        text.Append('\n').Append(service.WorkingDirectory).Append('\n');
        foreach (var (name, value) in service.Environment.OrderBy(v => v.Key, StringComparer.Ordinal))
            text.Append(name).Append('=').Append(value).Append('\0');
        text.Append('\n').AppendJoin('\0', service.InheritEnvironment).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{(int)service.Umask}\n{service.Heartbeat}");
        foreach (var socket in service.Listen)
            text.Append(CultureInfo.InvariantCulture, $"\n{socket.Name}\0{socket.Kind}\0{socket.Address}\0{socket.Port}");
        if (service.Identity is { } identity)
            text.Append(CultureInfo.InvariantCulture, $"\nuser {identity.Uid} {identity.Gid} {string.Join(',', identity.Groups)} {identity.Home} {identity.Shell}");
        if (service.BeforeStart is { } before)
            text.Append("\nbefore_start ").AppendJoin('\0', before);
        if (service.Nice != 0)
            text.Append(CultureInfo.InvariantCulture, $"\nnice {service.Nice}");
        if (service.Limits != new LimitSettings())
            text.Append(CultureInfo.InvariantCulture, $"\nlimits {service.Limits.OpenFiles} {service.Limits.Core} {service.Limits.Memory} {service.Limits.Processes}");
        if (service.PrivateTmp)
            text.Append("\nprivate_tmp");
        if (service.OpenNotifySocket)
            text.Append("\nnotify_socket open");
        return Convert.ToHexString(XxHash128.Hash(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static ServiceSpec Of(ServiceConfiguration service, BackoffSpec backoff) => new()
    {
        Name = service.Name,
        LaunchKey = LaunchKeyOf(service),
        DependsOn = service.DependsOn,
        Group = service.Group,
        Overlaps = service.Update == UpdateRule.Overlap,
        Autostart = service.Autostart,
        Ready = service.Ready switch
        {
            ServiceReadiness.Status => ReadyWhen.Status,
            ServiceReadiness.Probe => ReadyWhen.Probe,
            _ => ReadyWhen.Exec,
        },
        Probe = ProbeOf(service.Probe),
        ReadyProbe = ProbeOf(service.ReadyProbe),
        ReadyTimeout = service.ReadyTimeout,
        Heartbeat = service.Heartbeat,
        PrepareTimeout = service.BeforeStart is null ? TimeSpan.Zero : service.ReadyTimeout,
        StatusEvents = service.StatusEvents,
        Restart = service.Restart switch
        {
            RestartRule.OnFailure => RestartWhen.OnFailure,
            RestartRule.Never => RestartWhen.Never,
            _ => RestartWhen.Always,
        },
        SuccessExitCodes = service.SuccessExitCodes,
        Backoff = backoff,
        MaxRestarts = service.MaxRestarts,
        RestartWindow = service.RestartWindow,
        FailedRetry = service.FailedRetry,
        StopSignal = service.Stop.Signal,
        StopTimeout = service.Stop.Timeout,
        HungSignal = service.Stop.HungSignal,
        HungGrace = HungGraceOf(service),
        ReclaimTimeout = service.Reclaim.Timeout + ReclaimMargin + (service.AfterStop is null ? TimeSpan.Zero : service.Stop.Timeout),
    };

    private static BackoffSpec Of(BackoffSettings backoff) => new()
    {
        Initial = backoff.Initial,
        Max = backoff.Max,
        Factor = backoff.Factor,
        Jitter = backoff.Jitter,
        ResetAfter = backoff.ResetAfter,
    };

    private static ProbeSpec? ProbeOf(ProbeSettings? probe) => probe is null ? null : new ProbeSpec
    {
        Failures = probe.Failures,
        Successes = probe.Successes,
        Restarts = probe.Action == ProbeAction.Restart,
        Key = $"{probe.Http}\n{probe.Tcp}\n{string.Join('\0', probe.Exec ?? [])}\n{probe.Interval}\n{probe.Timeout}",
    };

    // A core takes its time to write, and a kill in the middle would spoil it.
    private static TimeSpan HungGraceOf(ServiceConfiguration service) =>
        service.Limits.Core is > 0 && service.Stop.Timeout > HungGrace ? service.Stop.Timeout : HungGrace;

    private static AlertRule RuleOf(string name) => AlertRuleNames.TryParse(name, out var rule)
        ? rule
        : throw new ArgumentException($"There is no alert rule \"{name}\".", nameof(name));

    private static GroupSpec Of(GroupConfiguration group) => new()
    {
        Name = group.Name,
        Strategy = group.Strategy switch
        {
            Configuration.GroupStrategy.OneForAll => Monitor.GroupStrategy.OneForAll,
            Configuration.GroupStrategy.RestForOne => Monitor.GroupStrategy.RestForOne,
            _ => Monitor.GroupStrategy.OneForOne,
        },
        MaxRestarts = group.MaxRestarts,
        RestartWindow = group.RestartWindow,
    };

    private static AlertSpec Of(AlertConfiguration alert) => new()
    {
        Name = alert.Name,
        On = [.. alert.On.Select(RuleOf)],
        Services = alert.Services,
        For = alert.For,
        Throttle = alert.Throttle,
    };
}
