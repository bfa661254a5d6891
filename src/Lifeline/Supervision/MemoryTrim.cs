using System.Runtime;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// Gives memory back once nothing has happened for a while: what starting up, or a crowd of events, needed and rest does not
/// (docs/decisions/0011-memory-at-rest.md). Not a clock: it is looked at once after work, and collects only if much was allocated
/// since the last time. For the decision loop alone.
/// </summary>
internal sealed class MemoryTrim
{
    private readonly Action _trim;
    private readonly Action _letGo;
    private readonly Func<long> _allocated;
    private long _lookAt = long.MaxValue;
    private long _letGoNotBefore = long.MinValue;
    private long _allocatedThen;

    public MemoryTrim()
        : this(GiveBack, ProcessMemory.ReleaseFilePages, () => GC.GetTotalAllocatedBytes())
    {
    }

    /// <param name="trim">Gives memory back.</param>
    /// <param name="letGo">Lets go of what is only read, and comes back when it is used.</param>
    /// <param name="allocated">Bytes allocated since the start of the process.</param>
    public MemoryTrim(Action trim, Action letGo, Func<long> allocated)
    {
        _trim = trim;
        _letGo = letGo;
        _allocated = allocated;
    }

    /// <summary>When <see cref="Look"/> wants to be called, in nanoseconds of the monotonic clock.</summary>
    public long DueAt => _lookAt;

    /// <summary>Something was done.</summary>
    public void NoteWork(long now) => _lookAt = now + (long)SupervisionLimits.QuietBeforeTrim.TotalNanoseconds;

    /// <summary>There is nothing to do.</summary>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="deadline">When there will be; a pause must not come in its way.</param>
    public void Look(long now, long? deadline)
    {
        if (now < _lookAt)
            return;
        if (deadline - now < (long)SupervisionLimits.TrimPause.TotalNanoseconds)
        {
            NoteWork(now);
            return;
        }

        _lookAt = long.MaxValue;
        if (_allocated() - _allocatedThen >= SupervisionLimits.TrimAfterBytes)
        {
            _trim();
            _allocatedThen = _allocated();
        }
        else if (now >= _letGoNotBefore)
        {
            _letGo();
            _letGoNotBefore = now + (long)SupervisionLimits.LetGoInterval.TotalNanoseconds;
        }
    }

    private static void GiveBack()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        ProcessMemory.ReleaseNativeHeap();
        ProcessMemory.ReleaseFilePages();
    }
}
