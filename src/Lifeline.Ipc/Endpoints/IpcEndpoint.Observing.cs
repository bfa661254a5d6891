using Lifeline.Ipc.Diagnostics;

namespace Lifeline.Ipc;

// What the endpoint knows about its own work.
public sealed partial class IpcEndpoint
{
    internal StatisticsBook Statistics { get; }

    internal RequestWatch Watch { get; }

    internal ReplyWatch ReplyWatch { get; }

    /// <summary>Null unless requests are traced or timed.</summary>
    internal RequestProbe? Probe { get; }

    internal LogLimiter RefusalLog { get; }

    /// <summary>For what peers can cause by tickets.</summary>
    internal LogLimiter TicketLog { get; }

    internal EndpointCounts Counts { get; } = new();

    /// <summary>Whether a request of a peer waits or runs.</summary>
    internal bool HasRequests => _sessions.Any(s => s.Value.HasRequests);

    /// <summary>Whether a call of this process waits for its reply.</summary>
    internal bool HasPendingCalls => SessionsWithCalls.Any();

    /// <summary>The sessions in which one does.</summary>
    internal IEnumerable<IpcSession> SessionsWithCalls => _sessions.Where(s => s.Value.HasPendingCalls).Select(s => s.Value);

    /// <summary>
    /// What peers asked of the stubs of this process, by session, interface and request code: the open sessions first, then the sums over those that have
    /// ended. Rows beyond <see cref="IpcEndpointOptions.MaxStatisticsRows"/> are gathered in one for each session.
    /// </summary>
    /// <returns>The figures of this moment.</returns>
    public IReadOnlyList<IpcCallStatistics> GetStatistics()
    {
        var rows = new List<IpcCallStatistics>();
        foreach (IpcSession session in _sessions.Values)
            session.ReadStatistics(rows, null);
        Statistics.ReadEnded(rows, Options.TimeProvider);
        return rows;
    }

    /// <summary>The rows of one stub in the open sessions.</summary>
    internal List<IpcCallStatistics> StatisticsOf(IpcStub stub)
    {
        var rows = new List<IpcCallStatistics>();
        foreach (IpcSession session in _sessions.Values)
            session.ReadStatistics(rows, stub);
        return rows;
    }

    internal void AddTo(MeterReading reading)
    {
        // The same gate as in Remove: a session counts either as open or among the ended.
        lock (_gate)
        {
            reading.Add(Counts.Ended);
            foreach (IpcSession session in _sessions.Values)
                session.AddTo(reading);
        }

        reading.OneWayHandled += Counts.Ended.OneWayReceived;
        Counts.AddTo(reading);
        reading.LateReplies += LateReplies;
        reading.Slow += Watch.SlowRequests;
        reading.LongWaits += ReplyWatch.LongWaits;
        reading.WorkersFull += Watch.FullTimes;
        reading.Workers += Pool.Threads;
        foreach ((string limit, long count) in Limits.Reached())
            reading.LimitsReached[limit] = reading.LimitsReached.GetValueOrDefault(limit) + count;
    }
}
