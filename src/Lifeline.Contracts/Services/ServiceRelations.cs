namespace Lifeline.Contracts;

/// <summary>Which other services are told beside those that are asked for. The numbers travel.</summary>
[Flags]
public enum ServiceRelations
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Everything that they depend on, directly or not.</summary>
    Dependencies = 1,

    /// <summary>Everything that depends on them, directly or not.</summary>
    Dependents = 2,
}
