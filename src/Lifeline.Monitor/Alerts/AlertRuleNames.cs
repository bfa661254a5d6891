namespace Lifeline.Monitor;

/// <summary>How alert rules are spelled in the configuration, in events and in alerts. Both ways; thread-safe.</summary>
public static class AlertRuleNames
{
    private static readonly string[] Names = ["died", "hung", "failed", "unhealthy", "reclaim_failed", "recovered", "monitor"];

    /// <summary>The spelling of a rule, as <c>reclaim_failed</c>.</summary>
    /// <param name="rule">The rule.</param>
    public static string Of(AlertRule rule) => Names[(int)rule];

    /// <summary>Reads a rule; only the exact spelling is taken.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rule">The rule.</param>
    public static bool TryParse(string? text, out AlertRule rule)
    {
        var index = Array.IndexOf(Names, text);
        rule = index < 0 ? default : (AlertRule)index;
        return index >= 0;
    }
}
