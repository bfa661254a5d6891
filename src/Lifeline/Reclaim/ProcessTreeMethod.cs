namespace Lifeline.Reclaim;

/// <summary>How the processes of a tree are found.</summary>
internal enum ProcessTreeMethod
{
    /// <summary>Control group: the kernel knows every member, whatever it did to hide.</summary>
    ControlGroup,

    /// <summary>Session, descent and environment: what hides from all three is not found.</summary>
    Scan,
}
