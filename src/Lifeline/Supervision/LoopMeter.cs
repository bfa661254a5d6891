using System.Diagnostics.Metrics;

namespace Lifeline.Supervision;

/// <summary>How the decision loop keeps up. Costs next to nothing while nobody collects.</summary>
internal static class LoopMeter
{
    public const string Name = "Lifeline.Supervision";

    private static readonly Meter Meter = new(Name);

    private static readonly Histogram<double> Lateness = Meter.CreateHistogram<double>(
        "lifeline.monitor.loop.lateness", "s", "How late the decision loop came to a deadline");

    private static readonly Histogram<double> Rounds = Meter.CreateHistogram<double>(
        "lifeline.monitor.loop.round.duration", "s", "How long the decision loop took for what had arrived together");

    /// <summary>Whether somebody wants to know how long rounds take.</summary>
    public static bool IsOn => Rounds.Enabled;

    public static void NoteLateness(long nanoseconds) => Lateness.Record(nanoseconds / 1e9);

    public static void NoteRound(long nanoseconds) => Rounds.Record(nanoseconds / 1e9);
}
