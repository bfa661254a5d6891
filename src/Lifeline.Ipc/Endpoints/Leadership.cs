using System.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Endpoints;

/// <summary>
/// Which thread receives for an endpoint. The one that leads may run brief handlers itself; a guard looks now and then whether it has been
/// in the same one all the time, and leads in its place then. A handler that is about to wait gives the lead away at once.
/// </summary>
/// <remarks>
/// The guard ticks only while handlers are run this way, and sleeps otherwise. A thread that comes back from a long handler finds the
/// lead gone: it becomes the next guard, or ends.
/// </remarks>
internal sealed class Leadership(string name, ILogger logger, Func<InlineBatch, bool> lead)
{
    /// <summary>Threads that one endpoint may have for receiving: the others are in handlers that take long.</summary>
    internal const int MaxThreads = 16;

    /// <summary>How often the guard looks while a handler runs; half as often otherwise. A handler may hold up the receiving for three times as long.</summary>
    internal static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(4);

    private const int QuietTicks = 8;
    private const int RunsPerSample = 32;

    // A handler that takes so long for one message is not brief.
    private static readonly long s_brief = Stopwatch.Frequency / 5000;

    [ThreadStatic]
    private static Leadership? t_running;
    [ThreadStatic]
    private static long t_run;

    // A monitor, not a Lock: threads wait on it.
    private readonly object _gate = new();
    private int _threads;
    private int _named;
    private int _guards;
    private bool _leaderless;
    private bool _ended;
    private bool _guardAsleep;
    private IHotTarget? _rescued;
    private IHotTarget? _served;
    private InlineTrust? _trust;

    // Odd while a handler runs on the leading thread. Whoever moves it on from an odd value decides who leads.
    private long _run;

    /// <summary>Whether a handler may run on the leading thread: somebody looks after it.</summary>
    internal bool MayRun => Volatile.Read(ref _guards) > 0 || TryStartGuard();

    /// <summary>Starts the first thread, which leads.</summary>
    internal void Start()
    {
        lock (_gate)
            StartThread(leads: true);
    }

    /// <summary>The session at whose handler the last leader is held up: it may have more to receive.</summary>
    internal IHotTarget? TakeRescued() => Interlocked.Exchange(ref _rescued, null);

    /// <summary>Runs a batch on the leading thread.</summary>
    /// <returns>Whether the thread still leads.</returns>
    internal bool Run(InlineBatch batch)
    {
        InlineTrust trust = batch.Entry!.Trust;
        _trust = trust;
        Volatile.Write(ref _served, batch.Session);
        long run = Interlocked.Increment(ref _run);
        if (Volatile.Read(ref _guardAsleep))
            WakeGuard();
        bool isSample = run / 2 % RunsPerSample == 0;
        long begin = isSample ? Stopwatch.GetTimestamp() : 0;
        int count = batch.Count;
        t_run = run;
        t_running = this;
        batch.Run();
        t_running = null;
        bool leads = Interlocked.CompareExchange(ref _run, run + 1, run) == run;
        if (leads && isSample)
        {
            if (Stopwatch.GetTimestamp() - begin > s_brief * count)
                trust.Lose();
            else
                trust.Gain();
        }

        batch.End();
        return leads;
    }

    /// <summary>Whether the current thread is one that receives, and runs a handler meanwhile: others wait for it.</summary>
    internal static bool IsRunningHere => t_running is not null;

    /// <summary>The current thread is about to wait: if it leads, another one does from now on.</summary>
    internal static void BeginBlocking()
    {
        if (t_running is not { } leadership)
            return;
        t_running = null;
        if (Interlocked.CompareExchange(ref leadership._run, t_run + 1, t_run) != t_run)
            return;
        lock (leadership._gate)
        {
            leadership._leaderless = true;
            leadership._rescued = leadership._served;
            // At once, not when the handler ends: else the next request would hold up the next thread.
            leadership._trust!.Lose();
            Monitor.PulseAll(leadership._gate);
        }
    }

    /// <summary>Waits until no thread leads any more.</summary>
    internal void Join()
    {
        BeginBlocking();
        lock (_gate)
        {
            while (!_ended)
                Monitor.Wait(_gate);
        }
    }

    private void WakeGuard()
    {
        lock (_gate)
        {
            _guardAsleep = false;
            Monitor.PulseAll(_gate);
        }
    }

    private bool TryStartGuard()
    {
        lock (_gate)
        {
            if (_guards > 0)
                return true;
            if (_threads >= MaxThreads || _ended || !StartThread(leads: false))
                return false;
            _guardAsleep = false;
            _guards = 1;
            return true;
        }
    }

    private bool StartThread(bool leads)
    {
        try
        {
            new Thread(() => Work(leads)) { IsBackground = true, Name = $"{name}-recv{(_named++ == 0 ? "" : _named.ToString())}" }.UnsafeStart();
            _threads++;
            return true;
        }
        catch (OutOfMemoryException e)
        {
            logger.LogError(e, "A thread to receive with could not be started");
            return false;
        }
    }

    private void Work(bool leads)
    {
        var batch = new InlineBatch();
        bool isGuard = !leads;
        while (leads || Follow(isGuard))
        {
            leads = isGuard = false;
            if (!lead(batch))
                continue;
            lock (_gate)
            {
                _ended = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until this thread is to lead.</summary>
    /// <param name="isGuard">Whether it counts as the guard already.</param>
    /// <returns>False if it is not needed.</returns>
    private bool Follow(bool isGuard)
    {
        lock (_gate)
        {
            if (!isGuard && _guards > 0)
            {
                _threads--;
                return false;
            }

            if (!isGuard)
            {
                _guards++;
                _guardAsleep = false;
            }

            bool leads = Guard();
            _guards--;
            if (!leads)
                _threads--;
            return leads;
        }
    }

    private bool Guard()
    {
        long last = Volatile.Read(ref _run);
        int quiet = 0;
        while (!_ended)
        {
            if (_leaderless)
            {
                _leaderless = false;
                return true;
            }

            // Where no handler was under way there is less to look after.
            Monitor.Wait(_gate, _guardAsleep ? Timeout.InfiniteTimeSpan : (last & 1) == 0 ? 2 * Tick : Tick);
            long run = Volatile.Read(ref _run);
            if (run != last || _leaderless || _ended)
            {
                last = run;
                quiet = 0;
            }
            else if ((run & 1) != 0)
            {
                IHotTarget? served = Volatile.Read(ref _served);
                InlineTrust trust = _trust!;
                if (Interlocked.CompareExchange(ref _run, run + 1, run) != run)
                    continue;
                _rescued = served;
                trust.Lose();
                return true;
            }
            else if (++quiet >= QuietTicks)
            {
                quiet = 0;
                Volatile.Write(ref _guardAsleep, true);
                // A run that begins now is seen here, or sees that the guard sleeps.
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref _run) != run)
                    _guardAsleep = false;
            }
        }

        return false;
    }
}
