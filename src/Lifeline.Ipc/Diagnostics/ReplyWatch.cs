using System.Runtime.CompilerServices;
using Lifeline.Ipc.Calls;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>Notices callers that wait long for a reply, while they wait: with each tick of a <see cref="WatchClock"/> it looks at the calls that are under way.</summary>
internal sealed class ReplyWatch : IDisposable
{
    private readonly IpcEndpoint _endpoint;
    private readonly ILogger _logger;
    private readonly LogLimiter _log;
    private readonly WatchClock _clock;
    private long _waited;

    internal ReplyWatch(IpcEndpoint endpoint)
    {
        _endpoint = endpoint;
        _logger = endpoint.Options.Logger;
        _log = new LogLimiter(endpoint.Options.TimeProvider);
        _clock = new WatchClock(endpoint.Options.TimeProvider, endpoint.Options.LongWaitThreshold, () => endpoint.HasPendingCalls, LookAtCalls);
    }

    /// <summary>Calls that waited longer than the threshold.</summary>
    internal long LongWaits => Interlocked.Read(ref _waited);

    /// <summary>A call is among those that wait.</summary>
    /// <returns>The tick at which it began.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Begin() => _clock.Begin();

    public void Dispose() => _clock.Dispose();

    private void LookAtCalls()
    {
        int latest = _clock.Now - WatchClock.TicksPerThreshold - 1;
        foreach (IpcSession session in _endpoint.SessionsWithCalls)
        {
            foreach (LongWait wait in session.TakeLongWaits(latest))
                Note(session, wait);
        }
    }

    private void Note(IpcSession session, LongWait wait)
    {
        Interlocked.Increment(ref _waited);
        if (_log.TryTake(out long omitted))
        {
            _logger.LogWarning(
                "A caller has waited more than {Milliseconds} ms for the reply to code {Code} of stub {Stub} of {Session} ({Omitted} such messages were left out)",
                (long)_clock.AtLeast(_clock.Now - wait.BegunAt).TotalMilliseconds, wait.Code, wait.Stub, session, omitted);
        }
    }
}
