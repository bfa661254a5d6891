using Lifeline.Journal;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>The core's records as the journal keeps them.</summary>
internal static class SlotRecords
{
    public static SavedSlot ToSaved(SlotRecord record, ControlGroups groups) => new()
    {
        Slot = record.Service,
        Generation = record.Generation,
        State = record.Phase.ToString(),
        Pid = record.Pid,
        StartTicks = record.StartTicks,
        BootId = record.BootId,
        ControlGroup = groups.Of(record.Service, record.Generation)?.Path,
        Data = SlotRecordCodec.Encode(record),
    };
}
