using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Linux;

namespace Lifeline.Ipc.Death;

/// <summary>The processes whose ends an endpoint watches: each once, whatever it has of sessions. Thread-safe.</summary>
internal sealed class ProcessWatches(ReceiveLoop loop)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SharedProcess, Watch> _watches = [];

    /// <summary>Has a session told of the end of its peer's process, on the receive thread.</summary>
    internal void Add(SharedProcess process, IpcSession session)
    {
        lock (_gate)
        {
            if (!_watches.TryGetValue(process, out Watch? watch))
            {
                watch = new Watch(this);
                watch.Tag = loop.Register(process.Handle, EpollEvents.In, watch, isUrgent: true);
                _watches.Add(process, watch);
            }

            watch.Sessions.Add(session);
        }
    }

    /// <summary>Forgets a session; while it is being told it may be told still.</summary>
    internal void Remove(SharedProcess process, IpcSession session)
    {
        lock (_gate)
        {
            if (!_watches.TryGetValue(process, out Watch? watch) || !watch.Sessions.Remove(session) || watch.Sessions.Count > 0)
                return;
            _watches.Remove(process);
            loop.Unregister(process.Handle, watch.Tag, isUrgent: true);
        }
    }

    private IpcSession[] SessionsOf(Watch watch)
    {
        lock (_gate)
            return [.. watch.Sessions];
    }

    private sealed class Watch(ProcessWatches watches) : IPollTarget
    {
        internal HashSet<IpcSession> Sessions { get; } = [];

        internal ulong Tag { get; set; }

        public bool OnReady(EpollEvents events, InlineBatch batch)
        {
            // Each removes itself when it ends.
            foreach (IpcSession session in watches.SessionsOf(this))
                session.OnProcessEnded();
            return true;
        }
    }
}
