using System.Collections.ObjectModel;

namespace Lifeline.Configuration;

/// <summary>Makes the records of the services, one for each instance.</summary>
internal sealed class ServiceBinder(FileLoader files, ErrorList errors)
{
    private const int SuspendSignal = 19;

    private readonly ProbeBinder probes = new(errors);

    // A thousand services with the same settings need them in memory once.
    private readonly HashSet<object> shared = [];

    public IEnumerable<ServiceConfiguration> Bind(NamedSection named)
    {
        var section = named.Section.Over(files.Defaults?.Section);
        var service = BindOne(named, section);
        if (service.Ready == ServiceReadiness.Probe && !section.Has("probe") && !section.Has("ready_probe"))
            errors.Add(section.Find("ready") ?? section.Location, "ready = \"probe\" needs a probe", $"add [services.{named.Name}.probe] or [services.{named.Name}.ready_probe]");
        if (service.Group is { } group && !ServiceName.IsValid(group))
            errors.Add(section.Find("group") ?? section.Location, $"{Quoted.Of(group)} is not a valid group name", ServiceName.Rule);
        if (service.PrivateTmp && service.Environment.ContainsKey("TMPDIR"))
            errors.Add(section.Find("private_tmp") ?? section.Location, "private_tmp = true sets TMPDIR, and so does env", "take away one of them");
        var instances = section.Get<int>("instances");
        if (instances == 1) return [service];
        return Enumerable.Range(1, instances).Select(i => service with { Name = $"{named.Name}.{i}", Family = named.Name, Instance = i });
    }

    private ServiceConfiguration BindOne(NamedSection named, Section section)
    {
        if (!section.Has("command")) errors.Add(section.Location, $"[services.{named.Name}] has no command", "command = [\"program\", \"argument\"], or one string for the shell");
        var ready = section.Get<string>("ready");
        var restart = section.Get<string>("restart");
        return new ServiceConfiguration
        {
            Name = named.Name,
            Location = section.Location,
            Command = section.Get<string[]>("command") ?? [],
            WorkingDirectory = section.Has("cwd") ? section.Get<string>("cwd") ?? named.Folder : named.Folder,
            Environment = BindEnvironment(section),
            InheritEnvironment = section.Get<string[]>("inherit_env")!,
            Identity = IdentityReader.Bind(section, errors),
            Nice = section.Get<int>("nice"),
            Limits = Share(BindLimits(section.GetSection("limits"))),
            Umask = section.Get<UnixFileMode>("umask"),
            Autostart = section.Get<bool>("autostart"),
            // Who says how readiness is asked wants it to be asked.
            Ready = section.Has("ready") || !section.Has("ready_probe") ? ReadinessOf(ready) : ServiceReadiness.Probe,
            ReadyTimeout = section.Get<TimeSpan>("ready_timeout"),
            Heartbeat = section.Get<TimeSpan?>("heartbeat"),
            StatusEvents = section.Get<TimeSpan>("status_events"),
            DependsOn = section.Get<string[]>("depends_on")!,
            BeforeStart = section.Get<string[]>("before_start"),
            AfterStop = section.Get<string[]>("after_stop"),
            Restart = restart switch { "never" => RestartRule.Never, "on-failure" => RestartRule.OnFailure, _ => RestartRule.Always },
            SuccessExitCodes = section.Get<int[]>("success_exit_codes")!,
            Backoff = Share(BindBackoff(section.GetSection("backoff"))),
            MaxRestarts = section.Get<int>("max_restarts"),
            RestartWindow = section.Get<TimeSpan>("restart_window"),
            FailedRetry = section.Get<object>("failed_retry") as TimeSpan?,
            Stop = Share(BindStop(section.GetSection("stop"))),
            ReloadSignal = section.Get<object>("reload_signal") as int?,
            Group = section.Get<string>("group"),
            PrivateTmp = section.Get<bool>("private_tmp"),
            OpenNotifySocket = section.Get<string>("notify_socket") == "open",
            Update = section.Get<string>("update") == "overlap" ? UpdateRule.Overlap : UpdateRule.Replace,
            Probe = probes.Bind(section.Get<Section>("probe"), null),
            ReadyProbe = section.Get<Section>("ready_probe") is { } readyProbe ? probes.Bind(readyProbe, section.Get<Section>("probe")) : null,
            Listen = ListenBinder.Bind(section.Get<SectionsByName>("listen"), errors),
            Reclaim = Share(BindReclaim(section.GetSection("reclaim"))),
            Log = Share(BindLog(section.GetSection("log"))),
        };
    }

    private static ServiceReadiness ReadinessOf(string? ready) =>
        ready switch { "status" => ServiceReadiness.Status, "probe" => ServiceReadiness.Probe, _ => ServiceReadiness.Exec };

    private T Share<T>(T settings)
        where T : class
    {
        if (shared.TryGetValue(settings, out var known)) return (T)known;
        shared.Add(settings);
        return settings;
    }

    private static IReadOnlyDictionary<string, string> BindEnvironment(Section section)
    {
        var variables = section.Get<VariableMap>("env")!;
        if (section.Get<VariableMap>("env_file") is { } file) variables = variables.Over(file);
        return variables.Variables.Count == 0 ? ReadOnlyDictionary<string, string>.Empty : variables.Variables;
    }

    private static LimitSettings BindLimits(Section section) => new()
    {
        OpenFiles = section.Get<object>("nofile") as int?,
        Memory = section.Get<object>("memory") as long?,
        Processes = section.Get<object>("processes") as int?,
        Core = section.Get<object>("core") as long?,
    };

    private BackoffSettings BindBackoff(Section section)
    {
        var backoff = new BackoffSettings
        {
            Initial = section.Get<TimeSpan>("initial"),
            Max = section.Get<TimeSpan>("max"),
            Factor = section.Get<double>("factor"),
            Jitter = section.Get<double>("jitter"),
            ResetAfter = section.Get<TimeSpan>("reset_after"),
        };
        if (backoff.Initial > backoff.Max)
        {
            var place = section.Find("initial") ?? section.Find("max") ?? section.Location;
            errors.Add(place, $"backoff.initial ({Durations.Format(backoff.Initial)}) is longer than backoff.max ({Durations.Format(backoff.Max)})", "raise max or lower initial");
        }
        return backoff;
    }

    private StopSettings BindStop(Section section)
    {
        var stop = new StopSettings { Signal = section.Get<int>("signal"), Timeout = section.Get<TimeSpan>("timeout"), HungSignal = section.Get<int>("hung_signal") };
        foreach (var (key, signal) in new[] { ("signal", stop.Signal), ("hung_signal", stop.HungSignal) })
            if (signal == SuspendSignal)
                errors.Add(section.Find(key) ?? section.Location, "SIGSTOP suspends a process and never ends it", "use \"TERM\" or another signal that the service acts on");
        return stop;
    }

    private static ReclaimSettings BindReclaim(Section section) => new()
    {
        Paths = section.Get<string[]>("paths")!,
        Command = section.Get<string[]>("command"),
        Timeout = section.Get<TimeSpan>("timeout"),
        SysVIpc = section.Get<bool>("sysv_ipc"),
        PosixShm = section.Get<bool>("posix_shm"),
        Found = section.Get<bool>("found"),
    };

    private static LogSettings BindLog(Section section) => new()
    {
        MaxSize = section.Get<long>("max_size"),
        MaxFiles = section.Get<int>("max_files"),
    };
}
