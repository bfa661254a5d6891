using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>
/// Tells what takes long from what does not without reading a clock each time: a timer counts quarters of a threshold while something is under way, and
/// who begins notes the count. It stops when there is nothing to do.
/// </summary>
internal sealed class WatchClock : IDisposable
{
    /// <summary>Ticks in the threshold.</summary>
    internal const int TicksPerThreshold = 4;

    private const int Asleep = 0;
    private const int Quiet = 1;
    private const int Busy = 2;

    private readonly TimeProvider _time;
    private readonly TimeSpan _threshold;
    private readonly Func<bool> _isUnderWay;
    private readonly Action _onTick;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _disposed;
    private int _state;
    private int _tick;
    private int _quietTicks;

    /// <summary>Makes a clock that stands still until the first beginning.</summary>
    /// <param name="time">Where its timer comes from.</param>
    /// <param name="threshold">What is long; <see cref="Timeout.InfiniteTimeSpan"/> for a clock that stands still for ever.</param>
    /// <param name="isUnderWay">Whether something has begun and not ended.</param>
    /// <param name="onTick">Called with each tick, one at a time.</param>
    internal WatchClock(TimeProvider time, TimeSpan threshold, Func<bool> isUnderWay, Action onTick)
    {
        _time = time;
        _threshold = threshold;
        _isUnderWay = isUnderWay;
        _onTick = onTick;
        // For ever busy: nothing is ever begun anew, and the ticks stand still.
        if (threshold == Timeout.InfiniteTimeSpan)
            _state = Busy;
    }

    /// <summary>The ticks so far.</summary>
    internal int Now => _tick;

    /// <summary>Something begins, and <c>isUnderWay</c> knows it by now.</summary>
    /// <returns>The tick.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Begin()
    {
        if (_state != Busy)
            Wake();
        return _tick;
    }

    /// <summary>The least time that so many ticks stand for.</summary>
    internal TimeSpan AtLeast(int ticks) => _threshold * (ticks - 1) / TicksPerThreshold;

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake()
    {
        lock (_gate)
        {
            if (_state == Asleep && !_disposed)
            {
                _quietTicks = 0;
                TimeSpan interval = _threshold / TicksPerThreshold;
                if (_timer is null)
                    _timer = _time.CreateTimer(static clock => ((WatchClock)clock!).Tick(), this, interval, interval);
                else
                    _timer.Change(interval, interval);
            }

            _state = Busy;
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            _tick++;
            if (_state == Busy)
            {
                _state = Quiet;
                _quietTicks = 0;
            }
            else if (++_quietTicks > TicksPerThreshold)
            {
                TrySleep();
            }
        }

        _onTick();
    }

    /// <summary>Stops the timer unless something is under way: what is neither seen here nor sees the state was not begun.</summary>
    private void TrySleep()
    {
        Volatile.Write(ref _state, Asleep);
        Interlocked.MemoryBarrier();
        if (_isUnderWay())
        {
            _state = Quiet;
            _quietTicks = 0;
            return;
        }

        _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
