using Lifeline.Linux;

namespace Lifeline.Ipc;

// Moving bytes, and sleeping while none can be moved.
public sealed partial class SharedStream
{
    /// <summary>Bytes; 0 at the end; -1 when there is nothing yet.</summary>
    private int ReadStep(Span<byte> destination)
    {
        ThrowIfOver();
        if (_ended || destination.IsEmpty)
            return 0;
        var total = Take(destination);
        if (total > 0)
            return total;
        // Looked at before the ring is looked at again: what was published before the end is not lost.
        var ended = Guarded(static ring => ring.PeerEnded);
        if (!ended && !_peerGone)
            return -1;
        total = Take(destination);
        if (total > 0)
            return total;
        if (!ended && !Guarded(static ring => ring.PeerEnded))
            throw Fail(new SharedStreamException(SharedStreamFault.PeerDied, "The writer of the stream is gone without having ended it."));
        _ended = true;
        return 0;
    }

    private int Take(Span<byte> destination)
    {
        var total = 0;
        try
        {
            while (total < destination.Length && _ring.Read(destination[total..]) is var count and > 0)
            {
                total += count;
                WakePeer();
            }
        }
        catch (SharedStreamException e)
        {
            throw Fail(e);
        }

        if (total > 0)
            _idleWakes = 0;
        return total;
    }

    /// <summary>Bytes; 0 when the ring is full.</summary>
    private int WriteStep(ReadOnlySpan<byte> source)
    {
        ThrowIfOver();
        if (Guarded(static ring => ring.PeerEnded))
            throw Fail(new SharedStreamException(SharedStreamFault.ReaderClosed, "The reader of the stream is closed."));
        if (_peerGone)
            throw Fail(new SharedStreamException(SharedStreamFault.PeerDied, "The reader of the stream is gone."));
        int count;
        try
        {
            count = _ring.Write(source);
        }
        catch (SharedStreamException e)
        {
            throw Fail(e);
        }

        if (count == 0)
            return 0;
        _idleWakes = 0;
        WakePeer();
        return count;
    }

    private void WakePeer()
    {
        if (!_ring.TakeWaiting())
            return;
        // A full socket wakes as well as one byte.
        if (TrySend() is not (Errno.None or Errno.EAGAIN))
            _peerGone = true;
    }

    private Errno TrySend()
    {
        try
        {
            return _socket.TrySend([1], default, wait: false, out _);
        }
        catch (ObjectDisposedException)
        {
            return Errno.EPIPE;
        }
    }

    private void Sleep()
    {
        if (!BeginSleep())
            return;
        Span<PollItem> items = [new PollItem(_socket, PollEvents.In)];
        try
        {
            Poller.Poll(items, -1);
        }
        catch (ObjectDisposedException)
        {
            // Disposed between the look and the wait: the next step says so.
        }

        EndSleep();
    }

    private async ValueTask SleepAsync(CancellationToken cancellation)
    {
        if (!BeginSleep())
            return;
        try
        {
            await (_wait ??= new StreamWait(_socket)).WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ObjectDisposedException || (e is LinuxException && Volatile.Read(ref _disposed) != 0))
        {
            // Disposed between the look and the wait: the next step says so.
        }

        EndSleep();
    }

    private bool BeginSleep()
    {
        for (var spin = new SpinWait(); spin.Count < SpinsBeforeSleep; spin.SpinOnce(sleep1Threshold: -1))
            if (Guarded(static ring => ring.CanMove()))
                return false;
        _ring.BeginWaiting();
        if (!Guarded(static ring => ring.CanMove() || ring.PeerEnded) && Volatile.Read(ref _disposed) == 0)
            return true;
        _ring.EndWaiting();
        return false;
    }

    private void EndSleep()
    {
        _ring.EndWaiting();
        if (Volatile.Read(ref _disposed) != 0)
            return;
        Span<byte> wakes = stackalloc byte[64];
        try
        {
            var message = _socket.Receive(wakes, wait: false);
            foreach (var stray in message.Descriptors)
                stray.Dispose();
            _peerGone |= message.EndOfStream;
        }
        catch (LinuxException)
        {
            _peerGone = true;
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (!_peerGone && ++_idleWakes > MaxIdleWakes)
            throw Fail(new SharedStreamException(SharedStreamFault.Corrupted, $"The other side woke this one {MaxIdleWakes} times for nothing (SharedStream.MaxIdleWakes)."));
    }

    private T Guarded<T>(Func<SharedRing, T> look)
    {
        try
        {
            return look(_ring);
        }
        catch (SharedStreamException e)
        {
            throw Fail(e);
        }
    }

    private SharedStreamException Fail(SharedStreamException failure)
    {
        _failure ??= failure;
        // The other side learns of it as of a death.
        _socket.Shutdown();
        return _failure;
    }

    private void ThrowIfOver()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        if (_failure is { } failure)
            throw new SharedStreamException(failure.Fault, failure.Message);
    }

    private void Demand(bool allowed, string what)
    {
        if (!allowed)
            throw new NotSupportedException($"This end of the stream cannot {what}.");
    }

    // Keeps the memory mapped, and a second thread out.
    private void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("Another call on this end of the stream is in progress: one thread at a time uses it.");
        try
        {
            _map.Enter();
        }
        catch (ObjectDisposedException)
        {
            Volatile.Write(ref _busy, 0);
            throw new ObjectDisposedException(nameof(SharedStream));
        }
    }

    private void Leave()
    {
        _map.Exit();
        Volatile.Write(ref _busy, 0);
    }
}
