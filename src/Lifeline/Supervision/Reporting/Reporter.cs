using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>
/// One registered process of a generation: its session, its status slot, and which of its signs wait for the decision loop.
/// </summary>
internal sealed class Reporter : IDisposable
{
    private const int SlotBytes = StatusSlot.Size;

    private readonly Lock _gate = new();
    private readonly RegistrationRequest? _request;
    private MemoryMapping? _slot;
    private long _lastReadAt;
    private int _slotWaits;
    private int _beatWaits;

    public Reporter(string service, int generation, long session, int pid, RegistrationRequest? request, MemoryMapping? slot)
    {
        Service = service;
        Generation = generation;
        Session = session;
        Pid = pid;
        _request = request;
        _slot = slot;
    }

    public string Service { get; }

    public int Generation { get; }

    /// <summary>The session's number; negative for a slot that outlived its monitor and has no session yet.</summary>
    public long Session { get; }

    public int Pid { get; }

    /// <summary>The number of the last status that was read from the slot.</summary>
    public long LastRead { get; set; }

    /// <summary>When the slot was read last; monotonic nanoseconds. To be used with <see cref="Interlocked"/>.</summary>
    public ref long LastReadAt => ref _lastReadAt;

    /// <summary>Where the loop tells the service to stop; null for a slot without a session.</summary>
    public MonitoredServiceProxy? Proxy => _request is null ? null : new MonitoredServiceProxy(_request.Reporter);

    /// <summary>A received slot, mapped for reading.</summary>
    /// <returns>The map, or why it is refused.</returns>
    public static (MemoryMapping? Slot, string? Refusal) MapSlot(Descriptor descriptor)
    {
        try
        {
            using var file = MemoryFile.FromDescriptor(descriptor);
            // A slot that could shrink would kill whoever reads it.
            if (!file.Seals.HasFlag(MemorySeals.Shrink))
                return (null, "the status slot is not sealed against shrinking");
            return file.Size < SlotBytes
                ? (null, $"the status slot has {file.Size} bytes, {SlotBytes} are needed")
                : (file.Map(0, SlotBytes, writable: false), null);
        }
        catch (LinuxException e)
        {
            return (null, $"the status slot cannot be mapped: {e.Message}");
        }
    }

    /// <summary>True for the first caller until <see cref="SlotTaken"/>: one look for any number of doorbells.</summary>
    public bool RingSlot() => Interlocked.Exchange(ref _slotWaits, 1) == 0;

    public void SlotTaken() => Volatile.Write(ref _slotWaits, 0);

    /// <summary>True for the first caller until <see cref="BeatTaken"/>.</summary>
    public bool RingBeat() => Interlocked.Exchange(ref _beatWaits, 1) == 0;

    public void BeatTaken() => Volatile.Write(ref _beatWaits, 0);

    /// <summary>The latest whole status; null if there is none, or none that can be believed.</summary>
    public StatusReport? ReadSlot()
    {
        lock (_gate)
        {
            if (_slot is null || !StatusSlot.TryRead(_slot.Span, out var reading, out _))
                return null;
            return reading?.Report;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _slot?.Dispose();
            _slot = null;
        }

        _request?.Dispose();
    }
}
