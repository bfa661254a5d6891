using System.Collections.Concurrent;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Endpoints;

/// <summary>
/// What the thread that receives for all sessions of an endpoint does: it waits for events only, and runs no handlers but those that <see cref="Leadership"/>
/// looks after.
/// </summary>
internal sealed class ReceiveLoop : IDisposable
{
    private const ulong WakeTag = 0;
    private const ulong UrgentTag = 1;
    private const int MaxEvents = 64;
    private const int WatchesInARow = 64;
    private const int RequestsInARow = 512;
    private const int CallsInARow = 64;

    private readonly Epoll _epoll = Epoll.Create();
    private readonly Epoll _urgent = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly ConcurrentDictionary<ulong, IPollTarget> _targets = [];
    private readonly ConcurrentQueue<IAttention> _attention = [];
    private readonly HotSessions _hot = new();
    private readonly Leadership _leadership;
    private readonly ILogger _logger;
    private readonly ReportGathering _gathering;
    private readonly LonePartner _lone;
    private readonly Func<long> _countCalls;
    private ulong _lastTag = UrgentTag;
    private int _awake;
    private int _looks;
    private int _requests;
    private long _calls;
    private volatile bool _stopped;

    internal ReceiveLoop(string name, TimeSpan gatherTime, ILogger logger)
    {
        _gathering = new ReportGathering(gatherTime);
        _logger = logger;
        _epoll.Add(_wake, EpollEvents.In, WakeTag);
        _epoll.Add(_urgent, EpollEvents.In, UrgentTag);
        _lone = new LonePartner(name, _epoll);
        _countCalls = () => _calls;
        _leadership = new Leadership(name, logger, Lead);
        _leadership.Start();
    }

    /// <summary>Where records are received to: one byte more than the largest, so that a larger one shows.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(RecordHeader.MaxRecordSize + 1, pinned: true);

    /// <summary>Begins to watch a descriptor.</summary>
    /// <returns>The tag to modify and unregister with.</returns>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="events">What to watch for.</param>
    /// <param name="target">Who is told.</param>
    /// <param name="isUrgent">Whether it is told of also while reports gather: for deaths.</param>
    internal ulong Register(Descriptor descriptor, EpollEvents events, IPollTarget target, bool isUrgent = false)
    {
        ulong tag = Interlocked.Increment(ref _lastTag);
        _targets[tag] = target;
        (isUrgent ? _urgent : _epoll).Add(descriptor, events, tag);
        return tag;
    }

    /// <summary>Whether requests may be run where they are received.</summary>
    internal bool MayRunInline => _leadership.MayRun;

    /// <summary>Whether one more session can be watched, and that would pay. On the thread that receives.</summary>
    internal bool HasHotPlace => !_gathering.IsOn && _hot.HasPlace;

    /// <summary>Something came that somebody may wait for. On the thread that receives.</summary>
    internal void NoteAwaited() => _gathering.NoteAwaited();

    /// <summary>A record was taken that is not run at once: those that came through memory must not keep others waiting for long. On the thread that receives.</summary>
    /// <param name="objects">What it has in it.</param>
    internal void NoteRecord(int objects) => _requests += 1 + (2 * objects);

    /// <summary>Something came through shared memory, more may come at once: the session, whose watch has begun, is looked at for a while. On the thread that receives.</summary>
    internal void KeepHot(IHotTarget target) => _hot.Add(target);

    /// <summary>Runs requests on the thread that receives.</summary>
    /// <returns>False if another thread receives by now.</returns>
    internal bool RunInline(InlineBatch batch)
    {
        if (batch.IsCall)
        {
            _gathering.NoteAwaited();
            _calls++;
        }

        _requests += batch.IsCall ? RequestsInARow / CallsInARow : batch.Count;
        return _leadership.Run(batch);
    }

    internal void Modify(Descriptor descriptor, EpollEvents events, ulong tag)
    {
        try
        {
            _epoll.Modify(descriptor, events, tag);
        }
        catch (Exception e) when (e is LinuxException { Errno: Errno.ENOENT or Errno.EBADF } or ObjectDisposedException)
        {
            // Unregistered in the meantime: there is nothing to wait for any more.
        }
    }

    internal void Unregister(Descriptor descriptor, ulong tag, bool isUrgent = false)
    {
        _targets.TryRemove(tag, out _);
        try
        {
            (isUrgent ? _urgent : _epoll).Remove(descriptor);
        }
        catch (Exception e) when (e is LinuxException { Errno: Errno.ENOENT or Errno.EBADF } or ObjectDisposedException)
        {
            // Not watched any more: that is what was wanted.
        }
    }

    /// <summary>Gives <paramref name="target"/> a turn soon. Any thread.</summary>
    internal void Schedule(IAttention target)
    {
        if (!target.TrySchedule())
            return;
        _attention.Enqueue(target);
        if (Interlocked.Exchange(ref _awake, 1) == 0)
            Wake();
    }

    /// <summary>The same on the thread that receives: it need not be woken.</summary>
    internal void ScheduleHere(IAttention target)
    {
        if (!target.TrySchedule())
            return;
        _attention.Enqueue(target);
        _looks++;
    }

    /// <summary>Ends the receiving; what has been received is handled.</summary>
    public void Dispose()
    {
        if (_stopped)
            return;
        _stopped = true;
        Wake();
        _leadership.Join();
        Wake();
        _lone.Stop();
        _epoll.Dispose();
        _urgent.Dispose();
        _wake.Dispose();
    }

    private void Wake()
    {
        try
        {
            _wake.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended: nobody is to be woken.
        }
    }

    /// <summary>Receives until the loop ends or another thread does it.</summary>
    /// <returns>Whether the loop has ended.</returns>
    private bool Lead(InlineBatch batch)
    {
        if (_leadership.TakeRescued() is IAttention rescued)
            Schedule(rescued);
        while (!_stopped)
        {
            if (!WatchHot(batch) || !WaitAndReceive(batch) || !Attend(batch))
                return false;
        }

        // They keep their memory mapped for it.
        return _lone.End(batch) && _hot.Forget(batch);
    }

    private bool WatchHot(InlineBatch batch)
    {
        // Descriptors get their turn also while records keep coming through memory: a death must not wait for a flood.
        _requests = 0;
        // Others may want attention without end, and who is watched has no doorbell.
        if (!_attention.IsEmpty)
            return _hot.IsEmpty || Watch(batch, mayWait: false);
        for (int i = 0; i < WatchesInARow && _attention.IsEmpty && !_hot.IsEmpty && _requests < RequestsInARow; i++)
        {
            if (!Watch(batch, mayWait: true))
                return false;
        }

        return true;
    }

    private bool WaitAndReceive(InlineBatch batch)
    {
        bool mayWait = _attention.IsEmpty && _hot.IsEmpty;
        if (mayWait && _lone.Exists)
            return _lone.Sleep(batch, _countCalls);
        Span<EpollEvent> events = stackalloc EpollEvent[MaxEvents];
        if (mayWait && _gathering.IsOn)
            Poller.Poll([new PollItem(_wake, PollEvents.In), new PollItem(_urgent, PollEvents.In)], _gathering.Milliseconds);
        int count = _epoll.Wait(events, mayWait ? -1 : 0);
        _gathering.NoteWake(count + _looks, mayWait, count == MaxEvents);
        _looks = 0;
        long calls = _calls;
        if (!Tell(events[..count], batch))
            return false;
        if (mayWait)
            _lone.NoteWake(count == 1 && _targets.GetValueOrDefault(events[0].Tag) is ILoneTarget only ? only : null, _calls != calls);
        return true;
    }

    private bool Tell(ReadOnlySpan<EpollEvent> events, InlineBatch batch)
    {
        foreach (EpollEvent ready in events)
        {
            if (ready.Tag == WakeTag)
                _wake.Drain();
            else if (ready.Tag == UrgentTag ? !TellUrgent(batch) : _targets.TryGetValue(ready.Tag, out IPollTarget? target) && !Turn(target, ready.Events, batch))
                return false;
        }

        return true;
    }

    private bool TellUrgent(InlineBatch batch)
    {
        Span<EpollEvent> events = stackalloc EpollEvent[MaxEvents];
        int count = _urgent.Wait(events, 0);
        return Tell(events[..count], batch);
    }

    private bool Attend(InlineBatch batch)
    {
        if (Volatile.Read(ref _awake) != 0)
        {
            Volatile.Write(ref _awake, 0);
            Interlocked.MemoryBarrier();
        }

        // Only those that are here now: whoever asks again in its turn comes after the descriptors.
        for (int left = _attention.Count; left > 0 && _attention.TryDequeue(out IAttention? target); left--)
        {
            if (!Turn(target, batch))
                return false;
        }

        return true;
    }

    private bool Watch(InlineBatch batch, bool mayWait)
    {
        try
        {
            return mayWait ? _hot.Watch(_attention, batch) : _hot.Look(batch);
        }
        catch (Exception e)
        {
            Report(e);
            return true;
        }
    }

    private bool Turn(IPollTarget target, EpollEvents events, InlineBatch batch)
    {
        try
        {
            return target.OnReady(events, batch);
        }
        catch (Exception e)
        {
            Report(e);
            return true;
        }
    }

    private bool Turn(IAttention target, InlineBatch batch)
    {
        try
        {
            return target.OnAttention(batch);
        }
        catch (Exception e)
        {
            Report(e);
            return true;
        }
    }

    // A fault in the handling of one session must not end the receiving for all.
    private void Report(Exception e) => _logger.LogCritical(e, "The receive loop met an unexpected failure");
}
