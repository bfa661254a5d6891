using System.Diagnostics;

namespace Lifeline.Ipc.Endpoints;

/// <summary>
/// Decides when the thread that receives lets one-way calls of many sessions gather for a moment, instead of being woken for each: waking is most of
/// what a lone message costs. Only while nothing comes that anybody waits for. The thread that receives only.
/// </summary>
internal sealed class ReportGathering(TimeSpan time)
{
    // So many wake-ups in a row that brought one-way calls only, each soon after the one before.
    private const int WakesToBegin = 64;

    private readonly long _soon = time.Ticks * (Stopwatch.Frequency / TimeSpan.TicksPerSecond) / 2;
    private long _last;
    private int _streak;
    private bool _awaited;

    /// <summary>Whether to let calls gather before the next wait.</summary>
    internal bool IsOn => _streak >= WakesToBegin;

    /// <summary>For how long.</summary>
    internal int Milliseconds { get; } = (int)time.TotalMilliseconds;

    /// <summary>Something came that somebody may wait for.</summary>
    internal void NoteAwaited() => _awaited = true;

    /// <summary>The thread was woken.</summary>
    /// <param name="events">For how much.</param>
    /// <param name="waited">Whether it had nothing else to do.</param>
    /// <param name="isMore">Whether there may be more.</param>
    internal void NoteWake(int events, bool waited, bool isMore)
    {
        if (Milliseconds == 0 || !waited)
            return;
        long now = Stopwatch.GetTimestamp();
        bool isOn = IsOn;
        // One event at a time while gathering says that it brings nothing.
        bool goesOn = !_awaited && (isOn ? events > 1 || isMore : now - _last < _soon);
        _streak = goesOn ? Math.Min(_streak + 1, WakesToBegin) : 0;
        _awaited = false;
        _last = now;
    }
}
