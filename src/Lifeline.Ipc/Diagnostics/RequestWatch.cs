using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>
/// Notices handlers that take long and workers that are all busy, without reading a clock for each request: a timer counts quarters of the threshold
/// while there are requests, and a request compares two of these numbers. The timer stops when there is nothing to do.
/// </summary>
internal sealed class RequestWatch : IDisposable
{
    private const int TicksPerThreshold = 4;
    private const int Asleep = 0;
    private const int Quiet = 1;
    private const int Busy = 2;

    private readonly IpcEndpoint _endpoint;
    private readonly TimeSpan _threshold;
    private readonly ILogger _logger;
    private readonly LogLimiter _slowLog;
    private readonly LogLimiter _fullLog;
    private readonly Lock _gate = new();
    private ITimer? _timer;
    private bool _disposed;
    private int _state;
    private int _tick;
    private int _quietTicks;
    private int _fullTicks;
    private long _slow;
    private long _full;

    internal RequestWatch(IpcEndpoint endpoint)
    {
        _endpoint = endpoint;
        _threshold = endpoint.Options.SlowCallThreshold;
        _logger = endpoint.Options.Logger;
        _slowLog = new LogLimiter(endpoint.Options.TimeProvider);
        _fullLog = new LogLimiter(endpoint.Options.TimeProvider);
        // For ever busy: nothing is ever begun anew, and the ticks stand still.
        if (_threshold == Timeout.InfiniteTimeSpan)
            _state = Busy;
    }

    /// <summary>Requests whose handlers took longer than the threshold.</summary>
    internal long SlowRequests => Interlocked.Read(ref _slow);

    /// <summary>How often all workers were busy for as long as the threshold while requests waited.</summary>
    internal long FullTimes => Interlocked.Read(ref _full);

    /// <summary>A request begins.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Begin()
    {
        if (_state != Busy)
            Wake();
        return _tick;
    }

    /// <summary>A request has been handled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void End(int begun, IpcStub stub, uint code, CallContext context)
    {
        if (_tick - begun > TicksPerThreshold)
            NoteSlow(_tick - begun, stub, code, context);
    }

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
                    _timer = _endpoint.Options.TimeProvider.CreateTimer(static watch => ((RequestWatch)watch!).Tick(), this, interval, interval);
                else
                    _timer.Change(interval, interval);
            }

            _state = Busy;
        }
    }

    private void Tick()
    {
        bool isFull;
        lock (_gate)
        {
            _tick++;
            // Told once for each time that it lasts.
            _fullTicks = _endpoint.Pool.IsExhausted ? _fullTicks + 1 : 0;
            isFull = _fullTicks == TicksPerThreshold;
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

        if (isFull)
            NoteFull();
    }

    /// <summary>Stops the timer unless a request is under way: one that is neither seen here nor sees the state was not begun.</summary>
    private void TrySleep()
    {
        Volatile.Write(ref _state, Asleep);
        Interlocked.MemoryBarrier();
        if (_endpoint.HasRequests)
        {
            _state = Quiet;
            _quietTicks = 0;
            return;
        }

        _timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void NoteFull()
    {
        Interlocked.Increment(ref _full);
        if (_fullLog.TryTake(out long omitted))
        {
            _logger.LogWarning(
                "All {Workers} workers of endpoint {Name} have been busy for {Milliseconds} ms while requests wait ({Setting} makes more; {Omitted} such messages were left out)",
                _endpoint.Options.Workers, _endpoint.Options.Name, (long)_threshold.TotalMilliseconds, nameof(IpcEndpointOptions.Workers), omitted);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void NoteSlow(int ticks, IpcStub stub, uint code, CallContext context)
    {
        Interlocked.Increment(ref _slow);
        if (_slowLog.TryTake(out long omitted))
        {
            _logger.LogWarning(
                "The handler of {Descriptor} took more than {Milliseconds} ms for code {Code}, called by {Caller} ({Omitted} such messages were left out)",
                stub.Descriptor, (long)(_threshold * (ticks - 1) / TicksPerThreshold).TotalMilliseconds, code, context.Caller, omitted);
        }
    }
}
