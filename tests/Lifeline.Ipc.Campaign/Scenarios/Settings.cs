namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>How long and how much.</summary>
/// <param name="Seconds">For what goes on for a time.</param>
/// <param name="Count">For what is counted.</param>
/// <param name="Seed">Of what is random.</param>
/// <param name="Quick">The short version, for the tests: fewer places, once each.</param>
internal sealed record Settings(double Seconds, long Count, int Seed, bool Quick)
{
    internal string SecondsText => Seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
