using Lifeline.Linux;

namespace Lifeline.Ipc.Endpoints;

/// <summary>
/// A thread that waits for the descriptors of a loop while the thread that receives sleeps elsewhere. It tells once, takes nothing,
/// and is free again. Made when it is first needed.
/// </summary>
internal sealed class Sentinel(string name, Descriptor watched, Action tell)
{
    private const int StackBytes = 128 << 10;

    // A monitor, not a Lock: the thread waits on it.
    private readonly object _gate = new();
    private Thread? _thread;
    private bool _armed;
    private bool _stopped;
    private int _hasSeen;

    /// <summary>Whether something is ready since it was armed.</summary>
    internal bool HasSeen => Volatile.Read(ref _hasSeen) != 0;

    /// <summary>Has it wait. The thread that receives.</summary>
    /// <returns>False if there can be no thread.</returns>
    internal bool TryArm()
    {
        lock (_gate)
        {
            if (_stopped || (_thread is null && !TryStart()))
                return false;
            if (_armed)
                return true;
            _armed = true;
            Volatile.Write(ref _hasSeen, 0);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Ends the thread, for whom something must be ready for ever by now.</summary>
    internal void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }

        _thread?.Join();
    }

    private bool TryStart()
    {
        try
        {
            var thread = new Thread(Run, StackBytes) { IsBackground = true, Name = $"{name}-watch" };
            thread.UnsafeStart();
            _thread = thread;
            return true;
        }
        catch (OutOfMemoryException)
        {
            // The thread that receives waits for the descriptors itself, as ever.
            return false;
        }
    }

    private void Run()
    {
        while (IsArmed())
        {
            Poller.IsReady(watched, PollEvents.In, -1);
            lock (_gate)
            {
                _armed = false;
                // Before the other is woken: it looks at this when it has said where it sleeps.
                Volatile.Write(ref _hasSeen, 1);
            }

            Interlocked.MemoryBarrier();
            tell();
        }
    }

    private bool IsArmed()
    {
        lock (_gate)
        {
            while (!_armed && !_stopped)
                Monitor.Wait(_gate);
            return !_stopped;
        }
    }
}
