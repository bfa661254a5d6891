using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>Turns a service's configuration into the order for one generation. Safe for any thread.</summary>
internal sealed class LaunchPlanner(Places places, ControlGroups groups, PrivateFolders folders, IReadOnlyDictionary<string, string> inherited)
{
    /// <summary>Where programs put their temporary files.</summary>
    public const string TemporaryFolder = "TMPDIR";

    /// <param name="service">The service.</param>
    /// <param name="slot">The key of the slot in which it is to live.</param>
    /// <param name="generation">The generation.</param>
    /// <exception cref="LinuxException">The control group or the folder for temporary files could not be made.</exception>
    /// <exception cref="ArgumentException">It is to run as somebody that we cannot become.</exception>
    public LaunchJob Plan(ServiceConfiguration service, string slot, int generation)
    {
        LaunchSettings.GiveSocket(service, places.NotifySocket(slot));
        var environment = EnvironmentOf(service, generation);
        environment["NOTIFY_SOCKET"] = places.NotifySocket(slot);
        if (service.PrivateTmp)
            environment[TemporaryFolder] = folders.Make(slot, generation, service.Identity?.Uid ?? CurrentProcess.Uid, service.Identity?.Gid ?? CurrentProcess.Gid);
        return groups.Equip(new LaunchJob
        {
            Slot = slot,
            Generation = generation,
            Arguments = service.Command,
            Environment = [.. environment],
            PidVariables = service.Heartbeat is null ? [] : ["WATCHDOG_PID"],
            WorkingDirectory = service.WorkingDirectory,
            Umask = (int)service.Umask,
            StandardOutput = LogPipes.OutputName(slot),
            StandardError = LogPipes.ErrorName(slot),
            Identity = LaunchSettings.IdentityOf(service),
            Nice = service.Nice == 0 ? null : service.Nice,
            Limits = LaunchSettings.LimitsOf(service),
            BeforeStart = service.BeforeStart ?? [],
            BeforeStartTimeout = service.ReadyTimeout,
        }, service.Limits);
    }

    /// <summary>The launch of <c>after_stop</c>: as the service, with another program.</summary>
    /// <exception cref="ArgumentException">It is to run as somebody that we cannot become.</exception>
    public LaunchJob PlanAfterStop(ServiceConfiguration service, string slot, int generation)
    {
        var environment = EnvironmentOf(service, generation, slot);
        environment.Remove("NOTIFY_SOCKET");
        return new LaunchJob
        {
            Slot = service.Name,
            Generation = generation,
            Arguments = service.AfterStop!,
            Environment = [.. environment],
            WorkingDirectory = service.WorkingDirectory,
            Umask = (int)service.Umask,
            StandardOutput = LogPipes.OutputName(slot),
            StandardError = LogPipes.ErrorName(slot),
            Identity = LaunchSettings.IdentityOf(service),
            Nice = service.Nice == 0 ? null : service.Nice,
            Limits = LaunchSettings.LimitsOf(service),
        };
    }

    /// <summary>The whole environment of a service: what is named, and what tells it who it is.</summary>
    /// <param name="service">The service.</param>
    /// <param name="generation">The generation.</param>
    /// <param name="slot">The key of its slot, for what a generation has for itself; null: the service's first.</param>
    public SortedDictionary<string, string> EnvironmentOf(ServiceConfiguration service, int generation, string? slot = null)
    {
        var environment = BaseEnvironment(service);
        if (service.PrivateTmp && folders.Find(slot ?? service.Name, generation) is { } folder)
            environment[TemporaryFolder] = folder;
        environment["LIFELINE_SOCKET"] = places.Socket;
        environment["LIFELINE_SERVICE"] = service.Name;
        environment["LIFELINE_GENERATION"] = generation.ToString(CultureInfo.InvariantCulture);
        environment["LIFELINE_INSTANCE"] = service.Instance.ToString(CultureInfo.InvariantCulture);
        environment["NOTIFY_SOCKET"] = places.NotifySocket(service.Name);
        if (service.Heartbeat is { } heartbeat)
            environment["WATCHDOG_USEC"] = ((long)heartbeat.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        return environment;
    }

    /// <summary>What a service's own commands (reclaim, alerts) get.</summary>
    public SortedDictionary<string, string> BaseEnvironment(ServiceConfiguration service)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in service.InheritEnvironment)
            if (inherited.TryGetValue(name, out var value))
                environment[name] = value;
        foreach (var (name, value) in LaunchSettings.VariablesOf(service))
            environment[name] = value;
        foreach (var (name, value) in service.Environment)
            environment[name] = value;
        return environment;
    }
}
