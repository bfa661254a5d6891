namespace Lifeline.Configuration;

/// <summary>Makes the records of the sections, and checks what concerns more than one key.</summary>
internal sealed class ConfigurationBinder(FileLoader files, ErrorList errors)
{
    private const int SuspendSignal = 19;

    private readonly List<(Section Section, string Key, string Wanted)> patterns = [];

    public LifelineConfiguration Bind()
    {
        var monitor = files.Monitor?.Section ?? new Section(KeyTable.Monitor, new SourceLocation(files.Files[0], 0, 0, 0));
        var configuration = new LifelineConfiguration
        {
            File = files.Files[0],
            Files = files.Files,
            Monitor = new MonitorSettings
            {
                ShutdownTimeout = monitor.Get<TimeSpan>("shutdown_timeout"),
                AllowUsers = monitor.Get<uint[]>("allow_users")!,
                PresentAs = monitor.Get<string>("present_as")!,
            },
            Services = [.. files.Services.Select(BindService)],
            Alerts = [.. files.Alerts.Select(BindAlert)],
        };
        CheckServicesOfAlerts(configuration);
        return configuration;
    }

    private ServiceConfiguration BindService(NamedSection named)
    {
        var section = named.Section.Over(files.Defaults?.Section);
        if (!section.Has("command")) errors.Add(section.Location, $"[services.{named.Name}] has no command", "command = [\"program\", \"argument\"], or one string for the shell");
        var ready = section.Get<string>("ready");
        var restart = section.Get<string>("restart");
        return new ServiceConfiguration
        {
            Name = named.Name,
            Location = section.Location,
            Command = section.Get<string[]>("command") ?? [],
            WorkingDirectory = section.Has("cwd") ? section.Get<string>("cwd") ?? named.Folder : named.Folder,
            Environment = section.Get<VariableMap>("env")!.Over(section.Get<VariableMap>("env_file") ?? new VariableMap(new Dictionary<string, string>())).Variables,
            InheritEnvironment = section.Get<string[]>("inherit_env")!,
            Umask = section.Get<UnixFileMode>("umask"),
            Autostart = section.Get<bool>("autostart"),
            Ready = ready == "status" ? ServiceReadiness.Status : ServiceReadiness.Exec,
            ReadyTimeout = section.Get<TimeSpan>("ready_timeout"),
            Heartbeat = section.Get<TimeSpan?>("heartbeat"),
            StatusEvents = section.Get<TimeSpan>("status_events"),
            Restart = restart switch { "never" => RestartRule.Never, "on-failure" => RestartRule.OnFailure, _ => RestartRule.Always },
            SuccessExitCodes = section.Get<int[]>("success_exit_codes")!,
            Backoff = BindBackoff(section.GetSection("backoff")),
            MaxRestarts = section.Get<int>("max_restarts"),
            RestartWindow = section.Get<TimeSpan>("restart_window"),
            FailedRetry = section.Get<object>("failed_retry") as TimeSpan?,
            Stop = BindStop(section.GetSection("stop")),
            Reclaim = BindReclaim(section.GetSection("reclaim")),
            Log = BindLog(section.GetSection("log")),
        };
    }

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
        var stop = new StopSettings { Signal = section.Get<int>("signal"), Timeout = section.Get<TimeSpan>("timeout") };
        if (stop.Signal == SuspendSignal)
            errors.Add(section.Find("signal") ?? section.Location, "SIGSTOP suspends a process and never ends it", "use \"TERM\" or another signal that the service acts on");
        return stop;
    }

    private static ReclaimSettings BindReclaim(Section section) => new()
    {
        Paths = section.Get<string[]>("paths")!,
        Command = section.Get<string[]>("command"),
        Timeout = section.Get<TimeSpan>("timeout"),
        SysVIpc = section.Get<bool>("sysv_ipc"),
    };

    private static LogSettings BindLog(Section section) => new()
    {
        MaxSize = section.Get<long>("max_size"),
        MaxFiles = section.Get<int>("max_files"),
    };

    private AlertConfiguration BindAlert(NamedSection named)
    {
        var section = named.Section;
        if (section.Has("command") && section.Has("webhook"))
            errors.Add(section.Find("webhook")!.Value, $"[alerts.{named.Name}] has both command and webhook", "make a second alert for the second one");
        else if (!section.Has("command") && !section.Has("webhook"))
            errors.Add(section.Location, $"[alerts.{named.Name}] has neither command nor webhook", "give exactly one of them");
        var services = section.Get<string[]>("services")!;
        if (section.Has("services"))
            foreach (var service in services) patterns.Add((section, "services", service));
        return new AlertConfiguration
        {
            Name = named.Name,
            Location = section.Location,
            Command = section.Get<string[]>("command"),
            Webhook = section.Get<Uri>("webhook"),
            WorkingDirectory = named.Folder,
            On = section.Get<string[]>("on")!,
            Services = services,
            Throttle = section.Get<TimeSpan>("throttle"),
        };
    }

    private void CheckServicesOfAlerts(LifelineConfiguration configuration)
    {
        // With a file missing, the service may well exist.
        if (files.Incomplete) return;
        foreach (var (section, key, wanted) in patterns)
        {
            if (wanted == "*" || configuration.Services.Any(service => Glob.IsMatch(wanted, service.Name))) continue;
            errors.Add(section.Find(key)!.Value, $"no service matches {Quoted.Of(wanted)}", NearestName.Hint(wanted, configuration.Services.Select(service => service.Name)));
        }
    }
}
