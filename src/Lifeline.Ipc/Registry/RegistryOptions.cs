namespace Lifeline.Ipc;

/// <summary>The limits of a registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>Names at once: default 4096.</summary>
    public int MaxNames { get; init; } = 4096;

    /// <summary>Names that one user may hold at once (the hosting process itself may hold any number): default 1024.</summary>
    public int MaxNamesPerUid { get; init; } = 1024;

    /// <summary>Callers that may wait for names at once: default 1024.</summary>
    public int MaxWaiters { get; init; } = 1024;

    /// <summary>The clock for waits; default the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
