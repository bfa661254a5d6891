namespace Lifeline.Configuration;

/// <summary>
/// A whole configuration after every check: values typed, paths absolute, defaults filled in.
/// Immutable; may be shared between threads.
/// </summary>
internal sealed record LifelineConfiguration
{
    /// <summary>Absolute path of the file that was asked for.</summary>
    public required string File { get; init; }

    /// <summary>Every file that was read, in the order of reading; the first is <see cref="File"/>.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    public required MonitorSettings Monitor { get; init; }

    /// <summary>In the order in which they are written; included ones come where the include stands.</summary>
    public required IReadOnlyList<ServiceConfiguration> Services { get; init; }

    /// <summary>Every group that has a table or a member.</summary>
    public IReadOnlyList<GroupConfiguration> Groups { get; init; } = [];

    public required IReadOnlyList<AlertConfiguration> Alerts { get; init; }
}
