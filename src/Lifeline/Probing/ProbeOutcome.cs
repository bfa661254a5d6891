namespace Lifeline.Probing;

/// <summary>What one probe found.</summary>
/// <param name="IsGood">Whether the service is well.</param>
/// <param name="Text">What was found, for people.</param>
internal sealed record ProbeOutcome(bool IsGood, string Text)
{
    public static ProbeOutcome Good(string text) => new(true, Fit(text));

    public static ProbeOutcome Bad(string text) => new(false, Fit(text));

    private static string Fit(string text) => text.Length <= ProbeLimits.MaxText ? text : text[..ProbeLimits.MaxText] + "…";
}
