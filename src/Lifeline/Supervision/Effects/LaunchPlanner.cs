using System.Globalization;
using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>Turns a service's configuration into the order for one generation. Safe for any thread.</summary>
internal sealed class LaunchPlanner(Places places, ControlGroups groups, IReadOnlyDictionary<string, string> inherited)
{
    /// <param name="service">The service.</param>
    /// <param name="slot">The key of the slot in which it is to live.</param>
    /// <param name="generation">The generation.</param>
    /// <exception cref="LinuxException">The control group could not be made.</exception>
    /// <exception cref="ArgumentException">It is to run as somebody that we cannot become.</exception>
    public LaunchJob Plan(ServiceConfiguration service, string slot, int generation)
    {
        LaunchSettings.GiveSocket(service, places.NotifySocket(slot));
        var environment = EnvironmentOf(service, generation);
        environment["NOTIFY_SOCKET"] = places.NotifySocket(slot);
        return groups.Equip(new LaunchJob
        {
            Slot = slot,
            Generation = generation,
            Arguments = service.Command,
            Environment = [.. environment],
            PidVariables = service.Heartbeat is null ? [] : ["WATCHDOG_PID"],
            WorkingDirectory = service.WorkingDirectory,
            Umask = (int)service.Umask,
            StandardOutput = LogPipes.OutputName(service.Name),
            StandardError = LogPipes.ErrorName(service.Name),
            Identity = LaunchSettings.IdentityOf(service),
            Nice = service.Nice == 0 ? null : service.Nice,
            Limits = LaunchSettings.LimitsOf(service),
            BeforeStart = service.BeforeStart ?? [],
            BeforeStartTimeout = service.ReadyTimeout,
        }, service.Limits);
    }

    /// <summary>The launch of <c>after_stop</c>: as the service, with another program.</summary>
    /// <exception cref="ArgumentException">It is to run as somebody that we cannot become.</exception>
    public LaunchJob PlanAfterStop(ServiceConfiguration service, int generation)
    {
        var environment = EnvironmentOf(service, generation);
        environment.Remove("NOTIFY_SOCKET");
        return new LaunchJob
        {
            Slot = service.Name,
            Generation = generation,
            Arguments = service.AfterStop!,
            Environment = [.. environment],
            WorkingDirectory = service.WorkingDirectory,
            Umask = (int)service.Umask,
            StandardOutput = LogPipes.OutputName(service.Name),
            StandardError = LogPipes.ErrorName(service.Name),
            Identity = LaunchSettings.IdentityOf(service),
            Nice = service.Nice == 0 ? null : service.Nice,
            Limits = LaunchSettings.LimitsOf(service),
        };
    }

    /// <summary>The whole environment of a service: what is named, and what tells it who it is.</summary>
    public SortedDictionary<string, string> EnvironmentOf(ServiceConfiguration service, int generation)
    {
        var environment = BaseEnvironment(service);
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
