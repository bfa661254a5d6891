using System.Collections.Concurrent;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Endpoints;

/// <summary>The thread that receives for all sessions of an endpoint. It runs no foreign code and never waits but for events.</summary>
internal sealed class ReceiveLoop : IDisposable
{
    private const ulong WakeTag = 0;
    private const int WatchesInARow = 16;

    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly ConcurrentDictionary<ulong, IPollTarget> _targets = [];
    private readonly ConcurrentQueue<IAttention> _attention = [];
    private readonly HotSessions _hot = new();
    private readonly Thread _thread;
    private readonly ILogger _logger;
    private ulong _lastTag;
    private int _awake;
    private volatile bool _stopped;

    internal ReceiveLoop(string name, ILogger logger)
    {
        _logger = logger;
        _epoll.Add(_wake, EpollEvents.In, WakeTag);
        _thread = new Thread(Run) { IsBackground = true, Name = $"{name}-recv" };
        _thread.Start();
    }

    /// <summary>Where records are received to: one byte more than the largest, so that a larger one shows.</summary>
    internal byte[] Buffer { get; } = GC.AllocateUninitializedArray<byte>(RecordHeader.MaxRecordSize + 1, pinned: true);

    /// <summary>Begins to watch a descriptor.</summary>
    /// <returns>The tag to modify and unregister with.</returns>
    internal ulong Register(Descriptor descriptor, EpollEvents events, IPollTarget target)
    {
        ulong tag = Interlocked.Increment(ref _lastTag);
        _targets[tag] = target;
        _epoll.Add(descriptor, events, tag);
        return tag;
    }

    /// <summary>Something came through shared memory: more may come at once. On the loop's thread.</summary>
    internal void NoteHot(IHotTarget target)
    {
        if (Thread.CurrentThread == _thread)
            _hot.Add(target);
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

    internal void Unregister(Descriptor descriptor, ulong tag)
    {
        _targets.TryRemove(tag, out _);
        try
        {
            _epoll.Remove(descriptor);
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

    /// <summary>Ends the thread; what it has received is handled.</summary>
    public void Dispose()
    {
        if (_stopped)
            return;
        _stopped = true;
        Wake();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
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

    private void Run()
    {
        Span<EpollEvent> events = stackalloc EpollEvent[64];
        while (!_stopped)
        {
            // Descriptors get their turn also while records keep coming through memory.
            for (int i = 0; i < WatchesInARow && _attention.IsEmpty && !_hot.IsEmpty; i++)
                _hot.Watch(_attention, Buffer);
            int count = _epoll.Wait(events, _attention.IsEmpty && _hot.IsEmpty ? -1 : 0);
            foreach (EpollEvent ready in events[..count])
            {
                if (ready.Tag == WakeTag)
                    _wake.Drain();
                else if (_targets.TryGetValue(ready.Tag, out IPollTarget? target))
                    Turn(target, ready.Events);
            }

            Volatile.Write(ref _awake, 0);
            Interlocked.MemoryBarrier();
            // Only those that are here now: whoever asks again in its turn comes after the descriptors.
            for (int left = _attention.Count; left > 0 && _attention.TryDequeue(out IAttention? target); left--)
                Turn(target);
        }

        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Turn(IPollTarget target, EpollEvents events)
    {
        try
        {
            target.OnReady(events);
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private void Turn(IAttention target)
    {
        try
        {
            target.OnAttention();
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    // A fault in the handling of one session must not end the receiving for all.
    private void Report(Exception e) => _logger.LogCritical(e, "The receive loop met an unexpected failure");
}
