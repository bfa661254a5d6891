namespace Lifeline.Monitor;

/// <summary>
/// A group at run time. A <em>round</em> is what the death of a member sets off: those concerned are stopped one after the other, the last
/// in the file first; when none of them lives any more, all start. While a round is under way no member is launched.
/// </summary>
internal sealed class SlotGroup(GroupSpec spec)
{
    public GroupSpec Spec { get; set; } = spec;

    /// <summary>In the order of the configuration.</summary>
    public List<Slot> Members { get; } = [];

    /// <summary>Restarts that count against the budget, oldest first.</summary>
    public Queue<long> RestartTimes { get; set; } = new();

    public bool IsInRound { get; set; }

    /// <summary>In a round: members after this one are down.</summary>
    public int Cursor { get; set; }
}
