namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>What is committed: the only thing that outlives every death.</summary>
internal sealed class Journal(InvariantChecker checker, bool throughBytes)
{
    private readonly Dictionary<string, SlotRecord> _records = [];

    private string? _alerts;

    public IReadOnlyCollection<SlotRecord> Records => _records.Values;

    public AlertDeskRecord? Alerts => AlertDeskRecordCodec.Decode(_alerts);

    public void Commit(IReadOnlyList<Effect> batch)
    {
        foreach (var effect in batch)
        {
            switch (effect)
            {
                case RecordEvent recorded: checker.OnCommitted(recorded); break;
                case SaveSlot save: _records[save.Record.Service] = save.Record; break;
                case SaveAlerts save: _alerts = AlertDeskRecordCodec.Encode(save.Record); break;
                case ForgetSlot forget: _records.Remove(forget.Service); break;
            }
        }
    }

    /// <summary>The records as a later monitor reads them.</summary>
    public IReadOnlyList<SlotRecord> Read() => throughBytes
        ? [.. _records.Values.Select(record => SlotRecordCodec.Decode(SlotRecordCodec.Encode(record)))]
        : [.. _records.Values];
}
