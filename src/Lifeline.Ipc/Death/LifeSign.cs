namespace Lifeline.Ipc.Death;

/// <summary>What the word of a process says.</summary>
internal enum LifeSign
{
    /// <summary>Nothing has changed.</summary>
    Alive,

    /// <summary>The kernel has begun to end the process.</summary>
    Dying,

    /// <summary>Something that the kernel does not write.</summary>
    Broken,
}
