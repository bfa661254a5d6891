using System.Collections.Concurrent;
using System.Text;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Lifeline.Keeper;
using Lifeline.Linux;
using Lifeline.Monitor;

namespace Lifeline.Supervision;

/// <summary>
/// The sd_notify socket of each service: READY=1, STATUS=, WATCHDOG=1. The sockets are held by the keeper, so that what is sent while
/// no monitor lives waits in them. Who sends is told by the kernel. One thread reads all of them.
/// </summary>
internal sealed class NotifySockets : IDisposable
{
    /// <summary>Longest message; a longer one is ignored, as sd_notify(3) allows.</summary>
    public const int MaxMessage = 8192;

    // A service that never stops sending must not hold those who wait for the others.
    private const int MaxDrainRounds = 64;

    private const ulong WakeTag = 0;

    // Services of other users go through it to their own socket.
    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly KeeperLink _keeper;
    private readonly Places _places;
    private readonly CallerResolver _callers;
    private readonly Supervisor _supervisor;
    private readonly Epoll _epoll = Epoll.Create();
    private readonly EventFd _wake = EventFd.Create();
    private readonly ConcurrentDictionary<ulong, (string Service, UnixSocket Socket)> _sockets = new();
    private readonly ConcurrentDictionary<string, NotifyInbox> _inboxes = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<TaskCompletionSource> _drains = new();
    private readonly Thread _thread;
    private ulong _lastTag;
    private volatile bool _stopping;

    public NotifySockets(KeeperLink keeper, Places places, CallerResolver callers, Supervisor supervisor)
    {
        _keeper = keeper;
        _places = places;
        _callers = callers;
        _supervisor = supervisor;
        Directory.CreateDirectory(places.NotifyFolder, FolderMode);
        _epoll.Add(_wake, EpollEvents.In, WakeTag);
        _thread = new Thread(Run) { IsBackground = true, Name = "notify" };
        _thread.Start();
    }

    /// <summary>Takes a service's socket from the keeper, or makes it, and listens.</summary>
    /// <exception cref="LinuxException">It cannot be made.</exception>
    public void Open(string service)
    {
        var socket = Take(service);
        socket.SetNonBlocking(true);
        socket.SetPassCredentials();
        var tag = Interlocked.Increment(ref _lastTag);
        _sockets[tag] = (service, socket);
        _epoll.Add(socket, EpollEvents.In, tag);
    }

    /// <summary>A service is no longer configured.</summary>
    public void Close(string service)
    {
        _keeper.Drop(Name(service));
        foreach (var (tag, entry) in _sockets)
        {
            if (entry.Service != service || !_sockets.TryRemove(tag, out _))
                continue;
            _epoll.Remove(entry.Socket);
            entry.Socket.Dispose();
        }
    }

    /// <summary>Completes when what had arrived by now was handed to the loop.</summary>
    public Task DrainAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _drains.Enqueue(drained);
        _wake.Signal();
        return drained.Task;
    }

    public void Dispose()
    {
        _stopping = true;
        _wake.Signal();
        _thread.Join();
        foreach (var (_, socket) in _sockets.Values)
            socket.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private static string Name(string service) => $"notify/{service}";

    private UnixSocket Take(string service)
    {
        using var held = _keeper.Duplicate(Name(service));
        if (held is not null)
            return UnixSocket.FromDescriptor(held);
        var socket = UnixSocket.Listen(_places.NotifySocket(service), UnixSocketType.Datagram);
        _keeper.Put(Name(service), socket);
        return socket;
    }

    private void Run()
    {
        var events = new EpollEvent[Epoll.MaxEvents];
        var buffer = new byte[MaxMessage];
        while (!_stopping)
        {
            ReceiveAll(events, _epoll.Wait(events, -1), buffer);
            if (!_drains.IsEmpty)
                Drain(events, buffer);
        }
    }

    private void Drain(EpollEvent[] events, byte[] buffer)
    {
        _wake.Drain();
        var waiting = new List<TaskCompletionSource>();
        while (_drains.TryDequeue(out var drained))
            waiting.Add(drained);
        for (var round = 0; round < MaxDrainRounds && ReceiveAll(events, _epoll.Wait(events, 0), buffer); round++)
        {
        }

        foreach (var drained in waiting)
            drained.SetResult();
    }

    /// <summary>One message of each socket that has any; whether there was one.</summary>
    private bool ReceiveAll(EpollEvent[] events, int count, byte[] buffer)
    {
        var received = false;
        for (var i = 0; i < count; i++)
        {
            if (!_sockets.TryGetValue(events[i].Tag, out var entry))
                continue;
            Receive(entry.Service, entry.Socket, buffer);
            received = true;
        }

        return received;
    }

    private void Receive(string service, UnixSocket socket, byte[] buffer)
    {
        ReceivedMessage message;
        try
        {
            message = socket.Receive(buffer, wait: false);
        }
        catch (Exception e) when (e is LinuxException or ObjectDisposedException)
        {
            // Closed meanwhile: the service is being taken out of the configuration.
            return;
        }

        foreach (var descriptor in message.Descriptors)
            descriptor.Dispose();
        if (message.WouldBlock || message.Truncated || message.Sender is not { } sender)
            return;
        // Waits for a moment at most, and only while the sender's launch is not known: what it sends next must not overtake.
        if (_callers.ResolveAsync(sender.Pid).AsTask().GetAwaiter().GetResult() is not { } owner || owner.Service != service)
            return;
        var inbox = _inboxes.GetOrAdd(service, static name => new NotifyInbox(name));
        if (inbox.Take(owner.Generation, Encoding.UTF8.GetString(buffer, 0, message.Length)))
            _supervisor.Post(() => Tell(inbox));
    }

    private void Tell(NotifyInbox inbox)
    {
        var (generation, ready, beat, text) = inbox.Empty();
        if (text is not null)
            TellStatus(inbox.Service, generation, text);
        if (ready)
            _supervisor.Handle(new ReadyTold(inbox.Service, generation));
        else if (beat)
            _supervisor.Handle(new BeatReceived(inbox.Service, generation));
    }

    // systemd's protocol knows a text only: what was said of health before stays.
    private void TellStatus(string service, int generation, string text)
    {
        var known = _supervisor.Core.Snapshot(service);
        var report = new StatusReport
        {
            Health = _supervisor.Core.View(service)?.ReportedHealth ?? ServiceHealth.Unknown,
            Code = known?.Status?.Code ?? 0,
            Text = StatusText.Fit(text),
            Sequence = (known?.Status?.Sequence ?? 0) + 1,
            AtNanoseconds = MonotonicClock.Nanoseconds,
        };
        _supervisor.Handle(new StatusChanged(service, generation, report));
    }
}
