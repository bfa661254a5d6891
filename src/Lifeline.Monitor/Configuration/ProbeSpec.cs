namespace Lifeline.Monitor;

/// <summary>What a probe is for.</summary>
public enum ProbeUse
{
    /// <summary>Whether it lives: counts once it is ready.</summary>
    Live,

    /// <summary>Whether it is ready.</summary>
    Ready,
}

/// <summary>What follows from the outcomes of a probe. How and how often it asks is the shell's business. Immutable.</summary>
public sealed record ProbeSpec
{
    /// <summary>Failures in a row that count as one. Default 3.</summary>
    public int Failures { get; init; } = 3;

    /// <summary>Good outcomes in a row after which it counts as good (again). Default 1.</summary>
    public int Successes { get; init; } = 1;

    /// <summary>Whether a liveness probe that fails ends the service (reason probe); else it is only unhealthy. Default true.</summary>
    public bool Restarts { get; init; } = true;

    /// <summary>Stands for how it asks: a reload that changes it begins the probe anew. Compared by text.</summary>
    public string Key { get; init; } = "";
}
