namespace Lifeline.Ipc.Dispatch;

/// <summary>
/// Waiting for room by letting others have the processor: on a machine with more senders than processors it is the receiver that needs it, and what waits in the ring
/// costs a third of what goes through a queue. It learns whom that helps with: each wait that ends well makes it more patient, each that does not less, and whoever stands
/// still is waited for ever more rarely. Thread-safe; what threads overwrite of each other's measurements does not matter.
/// </summary>
/// <param name="clock">The clock; other than the system's for tests, where it must go on by itself.</param>
/// <param name="giveWay">Lets others have the processor; other than the system's for tests.</param>
internal sealed class RoomWait(TimeProvider clock, Action giveWay)
{
    /// <summary>How long somebody is waited for of whom nothing is known, and after waits in vain. The last turn may end later.</summary>
    internal static readonly TimeSpan Shortest = TimeSpan.FromMicroseconds(100);

    /// <summary>How long somebody is waited for who always came. Others' turns before theirs are milliseconds each.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(10);

    /// <summary>How many waits are left out at most, between two tries with somebody who stands still.</summary>
    internal const int MostLeftOut = 8192;

    private TimeSpan _patience = Shortest;
    private int _pause;
    private int _toLeaveOut;

    internal RoomWait()
        : this(TimeProvider.System, static () => Thread.Yield())
    {
    }

    /// <summary>Waits a moment.</summary>
    /// <returns>Whether it has happened.</returns>
    internal bool Wait(ISpinCondition condition)
    {
        if (condition.IsMet)
            return true;
        if (_toLeaveOut > 0)
        {
            _toLeaveOut--;
            return false;
        }

        long begin = clock.GetTimestamp();
        do
        {
            giveWay();
            if (!condition.IsMet)
                continue;
            _patience = _patience >= Longest / 2 ? Longest : 2 * _patience;
            _pause = 0;
            return true;
        }
        while (clock.GetElapsedTime(begin) < _patience);
        _patience = _patience <= 2 * Shortest ? Shortest : _patience / 2;
        _toLeaveOut = _pause = Math.Clamp(2 * _pause, 1, MostLeftOut);
        return false;
    }
}
