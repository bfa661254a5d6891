using System.Buffers;
using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// The monitor's side of the socket to its keeper. Orders may be given from any thread and never wait: what the keeper
/// does not take at once is queued (at most <see cref="KeeperProtocol.MaxOutbox"/> messages). What the keeper says
/// arrives on one thread of the link, in order. The link holds a duplicate of every descriptor and pidfd of the keeper;
/// when the keeper dies it starts another and gives it all of them.
/// </summary>
internal sealed partial class KeeperLink : IDisposable
{
    private readonly Lock gate = new(); // guards socket, outbox, mirror, finishing and disposed
    private readonly EventFd wake;
    private readonly MessageOutbox outbox = new();
    private readonly KeeperMirror mirror;
    private readonly KeeperRestarter? restarter;
    private readonly byte[] buffer = new byte[KeeperProtocol.MaxMessage];
    private readonly KeeperPulse pulse;
    private UnixSocket? socket;
    private KeeperProcessHandle? keeper;
    private Action<KeeperMessage>? receiver;
    private Thread? thread;
    private long lastRequestId = MonotonicClock.Nanoseconds; // unique across the monitors of one keeper
    private bool finishing;
    private bool disposed;

    private KeeperLink(UnixSocket socket, KeeperMirror mirror, KeeperProcessHandle? keeper, KeeperRestarter? restarter)
    {
        this.socket = socket;
        this.mirror = mirror;
        this.keeper = keeper;
        this.restarter = restarter;
        wake = EventFd.Create();
        pulse = new KeeperPulse(restarter?.AliveTimeout ?? Timeout.InfiniteTimeSpan);
        State = mirror.ToState();
    }

    /// <summary>What was handed over when the link was made.</summary>
    public KeeperState State { get; }

    /// <summary>
    /// Takes the socket (and the lock of the run folder) that the keeper left at <see cref="KeeperProtocol.LinkDescriptor"/>
    /// and <see cref="KeeperProtocol.LockDescriptor"/>, and reads the handover.
    /// </summary>
    /// <param name="restarter">Starts another keeper when this one dies; null: the loss of the keeper is the end of the link.</param>
    /// <param name="handoverTimeout">How long the handover may take; null is 10 s.</param>
    /// <exception cref="LinuxException">There is no such socket: the program was not started by a keeper.</exception>
    /// <exception cref="KeeperProtocolException">The handover broke off, took too long or breaks the format.</exception>
    public static KeeperLink Connect(KeeperRestarter? restarter = null, TimeSpan? handoverTimeout = null)
    {
        using Descriptor inherited = Descriptor.Adopt(KeeperProtocol.LinkDescriptor);
        UnixSocket link = UnixSocket.FromDescriptor(inherited);
        restarter?.TakeInheritedLock();
        return Connect(link, restarter, handoverTimeout);
    }

    /// <summary>As the other, over a socket that the caller gives away.</summary>
    public static KeeperLink Connect(UnixSocket link, KeeperRestarter? restarter = null, TimeSpan? handoverTimeout = null)
    {
        KeeperMirror mirror = new();
        try
        {
            Handover.Read(link, mirror, handoverTimeout ?? Handover.DefaultTimeout);
            int keeperPid = mirror.Greeting?.KeeperPid ?? throw new KeeperProtocolException("the keeper ended its handover without a greeting");
            return new KeeperLink(link, mirror, KeeperProcessHandle.TryOpen(keeperPid), restarter);
        }
        catch
        {
            mirror.Dispose();
            link.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Begins to receive. <paramref name="receive"/> is called on the link's own thread, one message at a time; it must
    /// hand the message on and return. An exception from it is a bug and ends the process, which its keeper starts again.
    /// </summary>
    public void Start(Action<KeeperMessage> receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        if (thread is not null) throw new InvalidOperationException("the link was started before");
        receiver = receive;
        thread = new Thread(Run) { IsBackground = true, Name = "keeper link" };
        thread.Start();
    }

    /// <summary>Orders a launch; the outcome comes as <see cref="LaunchedMessage"/> or <see cref="LaunchFailedMessage"/> with the returned id.</summary>
    /// <exception cref="ArgumentException">The order is malformed (see <see cref="LaunchJobCodec"/>).</exception>
    /// <exception cref="KeeperProtocolException">The order is too large, or the keeper has not been reading for too long.</exception>
    public long Launch(LaunchJob job)
    {
        byte[] frame = ArrayPool<byte>.Shared.Rent(KeeperProtocol.MaxMessage);
        try
        {
            long requestId = Interlocked.Increment(ref lastRequestId);
            int length = LaunchJobCodec.Encode(job, requestId, frame.AsSpan(0, KeeperProtocol.MaxMessage));
            lock (gate)
            {
                mirror.AddLaunch(new PendingLaunch(requestId, job.Slot, job.Generation));
                mirror.AddGeneration(job.Slot, job.Generation);
                Post(frame.AsSpan(0, length), null);
            }

            return requestId;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(frame);
        }
    }

    /// <summary>
    /// Says where launchers make their control groups, once, before the first order with <see cref="LaunchJob.OwnGroup"/>: the link
    /// tells every later keeper too. Keepers before <see cref="KeeperProtocol.SpareGroupsVersion"/> make none.
    /// </summary>
    /// <param name="version">1 or 2; 0: nowhere.</param>
    /// <param name="path">The folder.</param>
    /// <param name="more">Folders of further hierarchies in which each launcher has a group of the same name.</param>
    public void UseGroups(int version, string path, IReadOnlyList<string>? more = null)
    {
        Span<byte> frame = stackalloc byte[LinkFrames.Room];
        lock (gate)
        {
            GroupPlace place = new(version, path, more ?? []);
            mirror.GroupFolder = place;
            Post(LinkFrames.GroupFolder(frame, place), null);
        }
    }

    /// <summary>Gives the keeper, and every later one, a process name: what services see as the name of their parent.</summary>
    public void Present(string name)
    {
        Span<byte> frame = stackalloc byte[LinkFrames.Room];
        lock (gate)
        {
            mirror.PresentedAs = name;
            Post(LinkFrames.Present(frame, name), null);
        }
    }

    /// <summary>
    /// Has the keeper end this monitor, start the next from another program and, if that serves, become that program itself.
    /// </summary>
    public void Upgrade(SelfCommand program)
    {
        Span<byte> frame = stackalloc byte[LinkFrames.Room];
        lock (gate) Post(LinkFrames.Upgrade(frame, program), null);
    }

    /// <summary>Processes of the keeper that wait to become services, and perhaps some that just became one.</summary>
    public IReadOnlyList<int> LauncherPids
    {
        get
        {
            lock (gate) return mirror.LauncherPids;
        }
    }

    /// <summary>
    /// Sends a signal to exactly this instance, through the pidfd that the link holds: it works while the keeper is
    /// being replaced, and cannot hit another process.
    /// </summary>
    /// <returns>False if the instance does not live (any more).</returns>
    /// <exception cref="LinuxException">The signal is not allowed.</exception>
    public bool Signal(string slot, int generation, int signal)
    {
        lock (gate)
        {
            if (mirror.FindProcess(slot, generation) is not { } pidFd || pidFd.HasExited) return false;
            Errno error = pidFd.TrySignal(signal);
            return error switch
            {
                Errno.None => true,
                Errno.ESRCH => false,
                _ => throw new LinuxException($"signal {signal} to generation {generation} of {slot}", error),
            };
        }
    }

    /// <summary>
    /// Has the keeper watch a process that it did not start (both keeper and monitor were dead). Answered with
    /// <see cref="AdoptedMessage"/>, then perhaps <see cref="ExitedMessage"/>; or with <see cref="LaunchFailedMessage"/>.
    /// </summary>
    /// <param name="process">Whom; that <paramref name="pidFd"/> is this process was checked by pid, start time and boot id.</param>
    /// <param name="pidFd">Borrowed; the link takes a duplicate.</param>
    public long Adopt(KeeperProcess process, PidFd pidFd)
    {
        long requestId = Interlocked.Increment(ref lastRequestId);
        Span<byte> frame = stackalloc byte[LinkFrames.Room];
        lock (gate)
        {
            Post(LinkFrames.AdoptProcess(frame, requestId, process), pidFd);
            mirror.AddAdoption(requestId, process, PidFd.FromDescriptor(pidFd.Duplicate()));
        }

        return requestId;
    }

    /// <summary>Whether the keeper can watch another main process of a generation.</summary>
    public bool CanChangeMain
    {
        get
        {
            lock (gate) return mirror.Greeting is { Version: >= KeeperProtocol.MainChangeVersion };
        }
    }

    /// <summary>
    /// Has the keeper watch another process of the same generation instead of its main one: its end is the generation's. An end of
    /// the former that is not acknowledged yet is void. Only if <see cref="CanChangeMain"/>.
    /// </summary>
    /// <param name="slot">The slot.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="pid">The process; that it belongs to the generation was proven.</param>
    /// <param name="startTime">Its start time.</param>
    /// <param name="pidFd">Borrowed; the link takes a duplicate.</param>
    public void ChangeMain(string slot, int generation, int pid, long startTime, PidFd pidFd)
    {
        Span<byte> frame = stackalloc byte[LinkFrames.Room];
        lock (gate)
        {
            Post(LinkFrames.ChangeMain(frame, slot, generation, pid, startTime), pidFd);
            mirror.ChangeMain(slot, generation, pid, startTime, PidFd.FromDescriptor(pidFd));
        }
    }

    /// <summary>Has the keeper hold a descriptor under a name (replacing one of the same name). Borrowed; the link and the keeper take duplicates.</summary>
    /// <exception cref="KeeperProtocolException">The name is empty or too long, or <see cref="KeeperProtocol.MaxDescriptors"/> are held.</exception>
    public void Put(string name, Descriptor descriptor)
    {
        Span<byte> frame = stackalloc byte[512];
        lock (gate)
        {
            if (mirror.DescriptorCount >= KeeperProtocol.MaxDescriptors && !mirror.Holds(name))
            {
                throw new KeeperProtocolException(
                    $"the descriptor '{name}' cannot be held: the keeper holds {mirror.DescriptorCount}, its limit (KeeperProtocol.MaxDescriptors)");
            }

            if (mirror.Greeting is { Version: < KeeperProtocol.MainChangeVersion } && System.Text.Encoding.UTF8.GetByteCount(name) > KeeperProtocol.OldMaxNameBytes)
                throw new KeeperProtocolException($"the descriptor '{name}' cannot be held: this keeper is older and takes names of {KeeperProtocol.OldMaxNameBytes} bytes");

            Post(LinkFrames.Put(frame, name), descriptor);
            mirror.Put(name, descriptor.Duplicate());
        }
    }

    /// <summary>Has the keeper close the descriptor of a name; nothing happens if there is none.</summary>
    public void Drop(string name)
    {
        Span<byte> frame = stackalloc byte[512];
        lock (gate)
        {
            if (mirror.Drop(name)) Post(LinkFrames.Drop(frame, name), null);
        }
    }

    /// <summary>A duplicate of a held descriptor, owned by the caller; null if none has this name.</summary>
    public Descriptor? Duplicate(string name)
    {
        lock (gate) return mirror.Duplicate(name);
    }

    /// <summary>The exit of this instance is in the journal: no later monitor needs to hear of it.</summary>
    public void Acknowledge(string slot, int generation)
    {
        Span<byte> frame = stackalloc byte[512];
        lock (gate)
        {
            mirror.RemoveExit(slot, generation);
            Post(LinkFrames.Acknowledge(frame, slot, generation), null);
        }
    }

    /// <summary>A sign of life of the decision loop; at least every <see cref="KeeperOptions.AliveTimeout"/>, better three times as often, from the start on.</summary>
    public void ReportAlive() => PostPlain(KeeperMessageKind.Alive);

    /// <summary>The monitor serves: sockets are open, the journal is read.</summary>
    public void Ready() => PostPlain(KeeperMessageKind.Ready);

    /// <summary>Everything that was to be started is up (<paramref name="exitCode"/> 0) or not: tells the one who waits in <c>up -d</c>.</summary>
    public void Settled(int exitCode, string text) => PostOutcome(KeeperMessageKind.Settled, exitCode, text);

    /// <summary>The monitor cannot start: tells the one who waits in <c>up -d</c>. Then exit with <see cref="MonitorExitCode"/>.</summary>
    public void StartFailed(int exitCode, string text) => PostOutcome(KeeperMessageKind.StartFailed, exitCode, text);

    /// <summary>All is stopped: the keeper ends with this code as soon as this process exits.</summary>
    public void Finish(int exitCode)
    {
        lock (gate) finishing = true;
        PostOutcome(KeeperMessageKind.Finish, exitCode, "");
    }

    /// <summary>Ends the link: the keeper sees it as the monitor's death.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
        }

        wake.Signal();
        if (thread is not null && thread != Thread.CurrentThread) thread.Join();
        lock (gate)
        {
            socket?.Dispose();
            socket = null;
            outbox.Dispose();
            mirror.Dispose();
            keeper?.Dispose();
        }

        wake.Dispose();
    }

    private void PostPlain(KeeperMessageKind kind)
    {
        Span<byte> frame = stackalloc byte[KeeperProtocol.HeaderSize];
        lock (gate) Post(LinkFrames.Plain(frame, kind), null);
    }

    private void PostOutcome(KeeperMessageKind kind, int exitCode, string text)
    {
        Span<byte> frame = stackalloc byte[KeeperProtocol.MaxTextBytes + 64];
        lock (gate) Post(LinkFrames.Outcome(frame, kind, exitCode, text), null);
    }

    // The caller holds the gate. A broken socket is no error here: the thread sees the end of the link, and the mirror
    // has or gets what was to be sent.
    private void Post(ReadOnlySpan<byte> frame, Descriptor? attached)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (outbox.Count >= KeeperProtocol.MaxOutbox)
            throw new KeeperProtocolException($"the keeper does not read: {outbox.Count} messages wait for it (KeeperProtocol.MaxOutbox)");

        outbox.Add(frame, attached is null ? [] : [attached]);
        if (!TryFlush()) wake.Signal();
    }

    private bool TryFlush()
    {
        if (socket is null) return true;
        try
        {
            outbox.Flush(socket);
        }
        catch (LinuxException e) when (e.Errno is Errno.EPIPE or Errno.ECONNRESET)
        {
            return true;
        }

        return outbox.Count == 0;
    }
}
