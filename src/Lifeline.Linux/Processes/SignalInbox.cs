using System.Runtime.InteropServices;

namespace Lifeline.Linux;

/// <summary>
/// Signals to this process as a descriptor that can be waited for. A signal that arrives several times before it is taken counts
/// once. While it exists, the signals it takes have no other effect. Thread-safe.
/// </summary>
public sealed class SignalInbox : IDisposable
{
    // Bits of a long, of which bit 0 is no signal.
    private const int MaxSignal = 63;

    private readonly EventFd _ready = EventFd.Create();
    private readonly List<PosixSignalRegistration> _registrations = [];
    private long _pending;

    /// <summary>Takes over some signals.</summary>
    /// <param name="signals">Their numbers, 1 to 63.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such signal.</exception>
    /// <exception cref="IOException">The signal cannot be caught (KILL, STOP).</exception>
    public SignalInbox(params ReadOnlySpan<int> signals)
    {
        try
        {
            foreach (var signal in signals)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(signal, 1, nameof(signals));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(signal, MaxSignal, nameof(signals));
                _registrations.Add(PosixSignalRegistration.Create(Known(signal), context => Arrived(signal, context)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Readable while a signal waits.</summary>
    public Descriptor Ready => _ready;

    /// <summary>Takes everything that has arrived.</summary>
    /// <returns>A set of bits: bit N is signal N.</returns>
    public long Take()
    {
        _ready.Drain();
        return Interlocked.Exchange(ref _pending, 0);
    }

    /// <summary>Whether a set holds a signal.</summary>
    /// <param name="set">What <see cref="Take"/> returned.</param>
    /// <param name="signal">The signal.</param>
    public static bool Contains(long set, int signal) => (set & (1L << signal)) != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _ready.Dispose();
    }

    // The runtime names the common signals by its own negative numbers; positive ones are taken as they are.
    private static PosixSignal Known(int signal) => signal switch
    {
        1 => PosixSignal.SIGHUP,
        2 => PosixSignal.SIGINT,
        3 => PosixSignal.SIGQUIT,
        15 => PosixSignal.SIGTERM,
        17 => PosixSignal.SIGCHLD,
        18 => PosixSignal.SIGCONT,
        28 => PosixSignal.SIGWINCH,
        _ => (PosixSignal)signal,
    };

    private void Arrived(int signal, PosixSignalContext context)
    {
        context.Cancel = true;
        Interlocked.Or(ref _pending, 1L << signal);
        try
        {
            _ready.Signal();
        }
        catch (ObjectDisposedException)
        {
            // The last signal may arrive while the inbox is being disposed of.
        }
    }
}
