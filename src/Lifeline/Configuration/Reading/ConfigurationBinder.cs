namespace Lifeline.Configuration;

/// <summary>Makes the records of the sections, and checks what concerns more than one key.</summary>
internal sealed class ConfigurationBinder(FileLoader files, ErrorList errors)
{
    public LifelineConfiguration Bind()
    {
        var monitor = files.Monitor?.Section ?? new Section(KeyTable.Monitor, new SourceLocation(files.Files[0], 0, 0, 0));
        var services = BindServices();
        var alerts = new AlertBinder(errors);
        var configuration = new LifelineConfiguration
        {
            File = files.Files[0],
            Files = files.Files,
            Monitor = BindMonitor(monitor),
            Services = services,
            Groups = BindGroups(services),
            Alerts = [.. files.Alerts.Select(alert => alerts.Bind(alert, services))],
        };
        // With a file missing, what is named may well exist.
        if (files.Incomplete) return configuration;
        alerts.CheckServices(configuration);
        new ReferenceCheck(files, configuration, errors).Run(monitor);
        return configuration;
    }

    private static MonitorSettings BindMonitor(Section monitor)
    {
        var http = monitor.Get<object>("http") as ProbeAddress;
        return new MonitorSettings
        {
            ShutdownTimeout = monitor.Get<TimeSpan>("shutdown_timeout"),
            AllowUsers = monitor.Get<uint[]>("allow_users")!,
            PresentAs = monitor.Get<string>("present_as")!,
            Http = http is null ? null : new HttpSettings(http.Host, http.Port, !monitor.Has("http"))
            {
                Hosts = monitor.Get<string[]>("http_hosts") is { Length: > 0 } hosts ? hosts : [],
                Certificate = monitor.Get<string>("tls_certificate"),
                Key = monitor.Get<string>("tls_key"),
            },
            Otlp = monitor.Get<Uri>("otlp") is not { } otlp ? null : new OtlpSettings
            {
                Endpoint = otlp,
                Interval = monitor.Get<TimeSpan>("otlp_interval"),
                Headers = monitor.Get<VariableMap>("otlp_headers")!.Variables,
            },
            JournalMaxAge = monitor.Get<TimeSpan>("journal_max_age"),
            JournalMaxSize = monitor.Get<long>("journal_max_size"),
            ExitWith = monitor.Get<string>("exit_with"),
        };
    }

    private List<ServiceConfiguration> BindServices()
    {
        var binder = new ServiceBinder(files, errors);
        var services = new List<ServiceConfiguration>();
        foreach (var named in files.Services)
        {
            services.AddRange(binder.Bind(named));
            if (services.Count <= FileLoader.MaximumServices) continue;
            errors.Add(named.Section.Location, $"there are more than {FileLoader.MaximumServices} services, all instances counted");
            break;
        }
        return WithSlotsAsDependencies(services);
    }

    // A dependency on a service with several instances is one on each of them. What does not exist stays, and is reported later.
    private static List<ServiceConfiguration> WithSlotsAsDependencies(List<ServiceConfiguration> services)
    {
        var slots = services.ToLookup(service => service.Family, service => service.Name, StringComparer.Ordinal);
        return services.ConvertAll(service => service.DependsOn.Count == 0
            ? service
            : service with { DependsOn = [.. service.DependsOn.SelectMany(name => slots.Contains(name) ? slots[name] : [name]).Distinct()] });
    }

    // A group that only its members name has the defaults.
    private List<GroupConfiguration> BindGroups(List<ServiceConfiguration> services)
    {
        var groups = files.Groups.ConvertAll(group => BindGroup(group.Name, group.Section));
        var names = groups.Select(group => group.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var service in services)
            if (service.Group is { } group && names.Add(group))
                groups.Add(BindGroup(group, new Section(KeyTable.Group, service.Location)));
        return groups;
    }

    private static GroupConfiguration BindGroup(string name, Section section) => new()
    {
        Name = name,
        Strategy = section.Get<string>("strategy") switch
        {
            "one_for_all" => GroupStrategy.OneForAll,
            "rest_for_one" => GroupStrategy.RestForOne,
            _ => GroupStrategy.OneForOne,
        },
        MaxRestarts = section.Get<int>("max_restarts"),
        RestartWindow = section.Get<TimeSpan>("restart_window"),
    };
}
