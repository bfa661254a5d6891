namespace Lifeline.Keeper;

/// <summary>A <see cref="LaunchJob"/> as the launcher reads it: descriptors by position instead of by name, the environment as NAME=value.</summary>
internal sealed record LauncherOrder
{
    /// <summary>For each attached descriptor the number it gets.</summary>
    public required int[] Targets { get; init; }

    public required string[] Arguments { get; init; }

    public required string[] Environment { get; init; }

    public required string[] PidVariables { get; init; }

    public required string WorkingDirectory { get; init; }

    public required string[] ControlGroupJoinFiles { get; init; }

    public required int? Umask { get; init; }

    public required int? Nice { get; init; }

    public required LaunchLimit[] Limits { get; init; }

    public required LaunchIdentity? Identity { get; init; }

    public required LaunchGroupValue[] GroupValues { get; init; }

    public required string[] BeforeStart { get; init; }

    public required TimeSpan BeforeStartTimeout { get; init; }
}
