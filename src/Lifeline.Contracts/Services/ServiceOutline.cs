using System.Text.Json.Serialization;

namespace Lifeline.Contracts;

/// <summary>What is known of one service without looking at its processes: who it is, where it stands, what it depends on. Immutable.</summary>
public sealed record ServiceOutline
{
    /// <summary>The service's name; <c>orders.1</c> for an instance.</summary>
    public required string Name { get; init; }

    /// <summary>What the supervisor does with its process.</summary>
    public required ServiceState State { get; init; }

    /// <summary>How it says it is doing.</summary>
    public required ServiceHealth Health { get; init; }

    /// <summary>The main process; null when there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Pid { get; init; }

    /// <summary>Counts the starts; 0 when it was never started.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Generation { get; init; }

    /// <summary>True: it was not asked for and is told because of <see cref="ServiceRelations"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsRelated { get; init; }

    /// <summary>The services that must be ready before it is started, at most 64 of them; null: none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? DependsOn { get; init; }
}
