namespace Lifeline.Monitor;

/// <summary>Who asks a service to stop: the <c>cause</c> of service.stopping.</summary>
internal static class StopCause
{
    public const string Operator = "operator";
    public const string Restart = "restart";
    public const string Shutdown = "shutdown";
    public const string Configuration = "config";
    public const string Removed = "removed";
    public const string Probe = "probe";

    /// <summary>Nobody: it says that it ends.</summary>
    public const string Itself = "itself";
    public const string Dependency = "dependency";
    public const string Group = "group";

    /// <summary>Another generation took over.</summary>
    public const string Replaced = "replaced";

    /// <summary>Why a slot is being stopped that is not wanted, or whose dependency stops.</summary>
    public static string Of(Slot slot, Turn turn)
    {
        if (turn.ShuttingDown) return Shutdown;
        if (slot.Removed) return Removed;
        if (slot.Role != SlotRole.Active) return Replaced;
        if (!slot.Wanted) return Operator;
        return slot.IsInRound ? Group : Dependency;
    }
}
