using System.Collections.Concurrent;
using Lifeline.Configuration;
using Lifeline.Keeper;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// The sd_notify socket of each service. The sockets are held by the keeper, so that what is sent while no monitor lives waits in
/// them. One thread reads all of them, one datagram of each in turn.
/// </summary>
internal sealed class NotifySockets : IDisposable
{
    /// <summary>Datagrams that are taken at once out of a socket whose service ended: more than the kernel queues.</summary>
    public const int MaxDrained = 10_000;

    private const ulong WakeTag = 0;
    private const ulong StoreTag = 1;

    // Services of other users go through it to their own socket.
    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly KeeperLink _keeper;
    private readonly Places _places;
    private readonly DescriptorStore _store;
    private readonly NotifyReceiver _receiver;
    private readonly NotifyLog _log;
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly ConcurrentDictionary<ulong, NotifySocket> _sockets = new();
    private readonly ConcurrentDictionary<string, NotifySocket> _byService = new(StringComparer.Ordinal);
    private readonly Thread _thread;
    private ulong _lastTag = StoreTag;
    private volatile bool _stopping;

    public NotifySockets(KeeperLink keeper, Places places, CallerResolver callers, Supervisor supervisor, MainProcesses mains, DescriptorStore store, NotifyLog log)
    {
        (_keeper, _places, _store, _log) = (keeper, places, store, log);
        var teller = new NotifyTeller(supervisor, mains);
        _receiver = new NotifyReceiver(callers, store, keeper, log, inbox => supervisor.Post(() => teller.Tell(inbox)), supervisor.Post);
        Directory.CreateDirectory(places.NotifyFolder, FolderMode);
        _epoll.Add(_wake, EpollEvents.In, WakeTag);
        _epoll.Add(store.Watch, EpollEvents.In, StoreTag);
        _thread = new Thread(Run) { IsBackground = true, Name = "notify" };
        _thread.Start();
    }

    /// <summary>Takes a service's socket from the keeper, or makes it, and listens. Does nothing if it is there.</summary>
    /// <param name="service">The service.</param>
    /// <param name="slot">The key of its slot that speaks through it.</param>
    /// <param name="generation">The generation that speaks through it now; 0 if none lives.</param>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public void Open(ServiceConfiguration service, string slot, int generation)
    {
        if (_byService.ContainsKey(slot))
            return;
        var socket = Take(slot);
        socket.SetNonBlocking(true);
        socket.SetPassCredentials();
        var tag = Interlocked.Increment(ref _lastTag);
        var entry = new NotifySocket(slot, socket, tag, generation);
        if (service.Identity is { } identity)
            entry.Begin(generation, identity.Uid);
        _sockets[tag] = _byService[slot] = entry;
        _epoll.Add(socket, EpollEvents.In, tag);
    }

    /// <summary>A service is stopped, and nothing of it lives.</summary>
    /// <param name="slot">The key of its slot.</param>
    public void Close(string slot)
    {
        _keeper.Drop(Name(slot));
        _log.Forget(slot);
        if (!_byService.TryRemove(slot, out var entry) || !_sockets.TryRemove(entry.Tag, out _))
            return;
        lock (entry.Gate)
        {
            _epoll.Remove(entry.Socket);
            entry.Socket.Dispose();
        }

        SocketFiles.TryRemove(_places.NotifySocket(slot));
    }

    /// <summary>Brings everything that has arrived for a service to the loop, for what is posted next to come after it.</summary>
    public void Drain(string service)
    {
        if (_byService.TryGetValue(service, out var entry))
            Drain(entry);
    }

    /// <summary>Completes when what had arrived by now was handed to the loop.</summary>
    public Task DrainAsync() => Task.Run(() =>
    {
        foreach (var entry in _byService.Values)
            Drain(entry);
    });

    /// <summary>
    /// A generation is about to start, and nothing of the one before lives: what has arrived is from that one, what comes from now on
    /// is not.
    /// </summary>
    /// <exception cref="LinuxException">The socket cannot be given to the service's user.</exception>
    public void BeginGeneration(ServiceConfiguration service, string slot, int generation)
    {
        if (!_byService.TryGetValue(slot, out var entry))
            return;
        lock (entry.Gate)
        {
            Drain(entry);
            var (uid, gid) = service.Identity is { } identity ? (identity.Uid, identity.Gid) : (CurrentProcess.Uid, CurrentProcess.Gid);
            if (uid != entry.Owner || uid != CurrentProcess.Uid)
                FileOwner.Set(_places.NotifySocket(slot), uid, gid);
            entry.Begin(generation, uid);
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Signal();
        _thread.Join();
        foreach (var entry in _sockets.Values)
            entry.Socket.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private static string Name(string service) => $"notify/{service}";

    private UnixSocket Take(string slot)
    {
        using var held = _keeper.Duplicate(Name(slot));
        if (held is not null)
            return UnixSocket.FromDescriptor(held);
        var socket = UnixSocket.Listen(_places.NotifySocket(slot), UnixSocketType.Datagram);
        _keeper.Put(Name(slot), socket);
        return socket;
    }

    private void Drain(NotifySocket entry)
    {
        var buffer = new byte[NotifyParser.MaxMessage];
        lock (entry.Gate)
        {
            for (var i = 0; i < MaxDrained && !entry.Socket.IsClosed && _receiver.Receive(entry, buffer, mayWait: false); i++)
            {
            }
        }
    }

    private void Run()
    {
        var events = new EpollEvent[Epoll.MaxEvents];
        var buffer = new byte[NotifyParser.MaxMessage];
        while (!_stopping)
        {
            var count = _epoll.Wait(events, -1);
            for (var i = 0; i < count; i++)
            {
                if (events[i].Tag == StoreTag)
                    _store.RemoveEnded();
                else if (_sockets.TryGetValue(events[i].Tag, out var entry))
                    Receive(entry, buffer);
            }
        }
    }

    private void Receive(NotifySocket entry, byte[] buffer)
    {
        // What it sends next must not overtake: the wait for news of a launch, of a moment at most, holds the gate.
        lock (entry.Gate)
        {
            if (entry.Socket.IsClosed)
                return;
            _receiver.Receive(entry, buffer, mayWait: true);
        }
    }
}
