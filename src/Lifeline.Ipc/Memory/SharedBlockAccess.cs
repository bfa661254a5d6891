namespace Lifeline.Ipc;

/// <summary>What may be done with a block of shared memory.</summary>
[Flags]
public enum SharedBlockAccess
{
    /// <summary>Nothing: it can only be handed on and closed.</summary>
    None = 0,

    /// <summary>Its bytes may be read.</summary>
    Read = 1,

    /// <summary>Its bytes may be written.</summary>
    Write = 2,

    /// <summary>Both.</summary>
    ReadWrite = Read | Write,
}
