namespace Lifeline.Bench.Results;

/// <summary>What the kit promises of its speed, held against what was measured.</summary>
internal static class Targets
{
    private static readonly Target[] s_all =
    [
        AtLeast("oneway", "1-sender", "rate", null, 10e6, Amounts.Rate),
        AtLeast("oneway", "8-senders", "rate", null, 10e6, Amounts.Rate),
        AtLeast("oneway", "1-sender", "rate", "streamjsonrpc", 50, Amounts.Times),
        AtLeast("oneway", "8-senders", "rate", "streamjsonrpc", 50, Amounts.Times),
        AtLeast("oneway", "1-sender", "rate", "grpc", 100, Amounts.Times),
        AtLeast("oneway", "8-senders", "rate", "grpc", 100, Amounts.Times),
        AtMost("call", "1-caller", "p50", null, 600, Amounts.Time),
        AtMost("call", "pauses", "p50", "c-socket", 1.15, Amounts.Times),
        AtMost("call", "one-processor", "p50", "c-socket", 1.15, Amounts.Times),
        AtLeast("call", "8-callers", "rate", "c-socket", 8, Amounts.Times),
        AtMost("sessions", "idle", "server", null, 0.0005, Amounts.Share),
        AtMost("sessions", "idle", "load", null, 0.0005, Amounts.Share),
        AtMost("large", "blocks", "ratio", null, 1.5, Amounts.Times),
        AtLeast("large", "blocks", "share", null, 0.9, Amounts.Share),
        AtMost("board", "board", "write", null, 40, Amounts.Time),
        AtMost("board", "board", "read", null, 40, Amounts.Time),
        AtMost("board", "board", "torn", null, 0, Amounts.Count),
        AtMost("sessions", "10000-sessions", "load", "c-crowd", 1, Amounts.Times),
        AtMost("sessions", "10000-sessions", "pss", null, 16 << 10, Amounts.Bytes),
        AtMost("death", "plain", "ratio", null, 1.3, Amounts.Times),
        AtMost("death", "crowd", "ratio", null, 1.3, Amounts.Times),
        AtMost("death", "1-GiB", "p50", null, 1e6, Amounts.Time) with { Suffix = "-early" },
    ];

    /// <summary>A line for each promise of which there are figures, below the titles.</summary>
    internal static List<string[]> Lines(IReadOnlyList<Outcome> outcomes)
    {
        List<string[]> lines = [["", "measured", "wanted", ""]];
        foreach (Target target in s_all)
        {
            Outcome? ours = Find(target, ResultTable.Ours + target.Suffix) ?? Find(target, ResultTable.OursManaged + target.Suffix);
            double value = ours?.Figures[target.Figure] ?? double.NaN;
            string what = $"{target.Workload} {target.Scenario}{target.Suffix}, {target.Figure}";
            if (target.Against is { } against)
            {
                value /= Find(target, against)?.Figures[target.Figure] ?? double.NaN;
                what += $" × {against}";
            }

            if (double.IsNaN(value))
                continue;
            bool met = target.AtLeast ? value >= target.Bound : value <= target.Bound;
            lines.Add([what, target.Text(value), $"{(target.AtLeast ? "≥" : "≤")} {target.Text(target.Bound)}", met ? "met" : "MISSED"]);
        }

        return lines;

        Outcome? Find(Target target, string contender) =>
            outcomes.FirstOrDefault(o => o.Workload == target.Workload && o.Scenario == target.Scenario && o.Contender == contender && o.Note is null);
    }

    private static Target AtLeast(string workload, string scenario, string figure, string? against, double bound, Func<double, string> text) =>
        new(workload, scenario, figure, against, AtLeast: true, bound, text);

    private static Target AtMost(string workload, string scenario, string figure, string? against, double bound, Func<double, string> text) =>
        new(workload, scenario, figure, against, AtLeast: false, bound, text);
}
