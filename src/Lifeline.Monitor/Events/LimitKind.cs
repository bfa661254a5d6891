namespace Lifeline.Monitor;

/// <summary>What a service has more of than it may.</summary>
public enum LimitKind
{
    /// <summary>Bytes of memory.</summary>
    Memory,

    /// <summary>Processes and threads.</summary>
    Processes,
}
