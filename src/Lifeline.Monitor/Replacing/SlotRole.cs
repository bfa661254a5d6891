namespace Lifeline.Monitor;

/// <summary>What a slot is to its service. A service that is replaced with an overlap has two slots; all others have one, which is active.</summary>
public enum SlotRole
{
    /// <summary>The service: orders, dependents and alerts are about it.</summary>
    Active,

    /// <summary>Of the two, the one in which the next generation comes up while the other goes on.</summary>
    Incoming,

    /// <summary>Of the two, the one that is empty, or whose generation is on its way out.</summary>
    Spare,
}
