using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>Notices handlers that take long and workers that are all busy: a request compares two ticks of a <see cref="WatchClock"/>.</summary>
internal sealed class RequestWatch : IDisposable
{
    private readonly IpcEndpoint _endpoint;
    private readonly TimeSpan _threshold;
    private readonly ILogger _logger;
    private readonly LogLimiter _slowLog;
    private readonly LogLimiter _fullLog;
    private readonly WatchClock _clock;
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
        _clock = new WatchClock(endpoint.Options.TimeProvider, _threshold, () => endpoint.HasRequests, LookAtWorkers);
    }

    /// <summary>Requests whose handlers took longer than the threshold.</summary>
    internal long SlowRequests => Interlocked.Read(ref _slow);

    /// <summary>How often all workers were busy for as long as the threshold while requests waited.</summary>
    internal long FullTimes => Interlocked.Read(ref _full);

    /// <summary>A request begins.</summary>
    /// <returns>To be given to <see cref="End"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Begin() => _clock.Begin();

    /// <summary>A request has been handled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void End(int begun, IpcStub stub, uint code, CallContext context)
    {
        int ticks = _clock.Now - begun;
        if (ticks > WatchClock.TicksPerThreshold)
            NoteSlow(ticks, stub, code, context);
    }

    public void Dispose() => _clock.Dispose();

    private void LookAtWorkers()
    {
        // Told once for each time that it lasts.
        _fullTicks = _endpoint.Pool.IsExhausted ? _fullTicks + 1 : 0;
        if (_fullTicks == WatchClock.TicksPerThreshold)
            NoteFull();
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
                stub.Descriptor, (long)_clock.AtLeast(ticks).TotalMilliseconds, code, context.Caller, omitted);
        }
    }
}
