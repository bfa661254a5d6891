using System.Diagnostics.Metrics;

namespace Lifeline.Http;

/// <summary>How it goes with what is sent by OTLP. Safe for any thread.</summary>
internal sealed class OtlpMeter
{
    private readonly Counter<long> _exports;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _rejected;

    public OtlpMeter(Meter meter)
    {
        _exports = meter.CreateCounter<long>("lifeline.otlp.exports", "{export}", "Exports of the metrics by OTLP that the receiver took");
        _failures = meter.CreateCounter<long>("lifeline.otlp.export.failures", "{export}", "Exports of the metrics by OTLP that failed");
        _rejected = meter.CreateCounter<long>("lifeline.otlp.rejected.points", "{point}", "Values that the receiver did not want of those in exports that it took");
        // They are there from the start, so that an increase from nothing is seen.
        foreach (var counter in new[] { _exports, _failures, _rejected })
            counter.Add(0);
    }

    public void NoteExport() => _exports.Add(1);

    public void NoteFailure() => _failures.Add(1);

    public void NoteRejected(long points) => _rejected.Add(points);
}
