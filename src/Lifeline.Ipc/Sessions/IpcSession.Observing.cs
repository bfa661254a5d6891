using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Sessions;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// What the session knows about its own work.
public sealed partial class IpcSession
{
    private readonly SessionCounters _counters = new();
    private readonly CodeRow _otherRow = new("", 0);
    private bool _isAlarmed;

    /// <summary>Whether a request of the peer waits or runs here.</summary>
    internal bool HasRequests => _window.Held.Messages > 0;

    /// <summary>What the peer makes this process hold at this moment.</summary>
    /// <returns>The figures; read one after the other while work goes on.</returns>
    public IpcMemoryUse GetMemoryUse()
    {
        (int messages, long bytes) = _window.Held;
        return new IpcMemoryUse
        {
            QueuedRequests = messages,
            QueuedInBytes = bytes,
            QueuedOutBytes = _send.QueuedBytes,
            RingBytes = _transport is RingTransport rings ? rings.RingBytes : 0,
            BlockBytes = Volatile.Read(ref _blocks)?.Bytes ?? 0,
            PendingCalls = PendingCount,
            HeldStubs = _imports.Count,
            GivenStubs = _exports.Count,
        };
    }

    /// <summary>Whether a call of this process waits for its reply. A guess, but for who has made sure that it would be seen.</summary>
    internal bool HasPendingCalls => PendingCount > 0;

    /// <summary>The calls that began at a tick or before it and still wait; each is told of once.</summary>
    internal LongWait[] TakeLongWaits(int latest)
    {
        using (_gate.Enter())
        {
            Calls.PendingCall[] waiting = [.. _pending.Values.Where(c => c.BegunAt <= latest)];
            LongWait[] waits = [.. waiting.Select(c => new LongWait(c.Handle, c.Code, c.BegunAt))];
            foreach (Calls.PendingCall call in waiting)
                call.BegunAt = int.MaxValue;
            return waits;
        }
    }

    /// <summary>Adds the rows of one stub, or of all.</summary>
    internal void ReadStatistics(List<IpcCallStatistics> into, IpcStub? only)
    {
        _exports.ReadRows(into, only, Peer, Id, Options.TimeProvider);
        if (only is null && _otherRow.Requests > 0)
            into.Add(_otherRow.Read(Peer, Id, Options.TimeProvider));
    }

    internal void AddTo(MeterReading reading)
    {
        reading.Add(_counters);
        if (!IsOpen)
            return;
        (int messages, long bytes) = _window.Held;
        reading.Sessions++;
        reading.OneWayHandled += Math.Max(0, _counters.Received.OneWays - Volatile.Read(ref _oneWayUnhandled));
        reading.QueuedRequests += messages;
        reading.QueuedInBytes += bytes;
        reading.QueuedOutBytes += _send.QueuedBytes;
        reading.BlockBytes += Volatile.Read(ref _blocks)?.Bytes ?? 0;
        reading.CallsPending += PendingCount;
        reading.HeldStubs += _imports.Count;
        reading.GivenStubs += _exports.Count;
    }

    internal void NoteRefusal() => Interlocked.Increment(ref _counters.Refused);

    /// <summary>The row of a request that arrived; it counts there from now on. Under the receive gate.</summary>
    private CodeRow CountRequest(ExportTable.Entry entry, uint code, int bytes)
    {
        CodeRow row = (entry.Rows ??= new StubRows(entry.Stub.Descriptor, Endpoint.Statistics, _otherRow))[code];
        row.NoteRequest(bytes);
        return row;
    }

    /// <summary>The number of held stubs has changed. Under the receive gate.</summary>
    private void WatchProxyCount()
    {
        int limit = Options.ProxyCountAlarm;
        int count = _imports.Count;
        if (_isAlarmed)
        {
            // Some way below, so that a number that goes up and down does not raise an alarm each time.
            _isAlarmed = count > limit - (limit / 10);
            return;
        }

        if (limit == 0 || count < limit)
            return;
        _isAlarmed = true;
        Endpoint.Counts.NoteProxyAlarm();
        Logger.LogWarning("{Count} stubs of {Session} are held; {Setting} is {Limit}: are proxies forgotten?", count, this, nameof(IpcEndpointOptions.ProxyCountAlarm), limit);
        if (Options.OnProxyCountAlarm is { } told)
            Endpoint.Work.Enqueue(() => told(new ProxyCountAlarm(this, count, limit)));
    }
}
