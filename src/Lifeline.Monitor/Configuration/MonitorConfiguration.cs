namespace Lifeline.Monitor;

/// <summary>Everything the core decides by. Services stand in the order of the file: started in it, stopped against it. Immutable.</summary>
/// <param name="Services">The services; names are unique.</param>
/// <param name="Alerts">The alert channels; names are unique.</param>
public sealed record MonitorConfiguration(IReadOnlyList<ServiceSpec> Services, IReadOnlyList<AlertSpec> Alerts)
{
    /// <summary>The groups; names are unique. One that is not listed restarts nobody but who died.</summary>
    public IReadOnlyList<GroupSpec> Groups { get; init; } = [];

    /// <summary>From the order to shut down to KILL for everything that still lives. Default 30 s.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
