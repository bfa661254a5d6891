using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// The agreement on rings in shared memory. Without one, everything goes through the socket.
public sealed partial class IpcSession : IHotTarget
{
    private int _watchers;
    private bool _isHot;
    private RingMemory? _offered;

    /// <summary>Whether records go through rings in shared memory; told once the session is open.</summary>
    internal bool UsesRings => _transport is RingTransport { IsSwitched: true };

    private void SayHello()
    {
        MemoryFile? file = null;
        if (_transport is RingTransport)
        {
            _offered = RingMemory.TryCreate(Options.RingBytes, out file, out string? why);
            if (_offered is null)
                Logger.LogInformation("{Session} gets no rings: {Why}", this, why);
        }

        SendHello(RecordKind.Hello, _offered?.RingBytes ?? 0, file);
    }

    /// <summary>Takes the rings that the peer offers, if they are in order.</summary>
    /// <returns>Their bytes; 0 for none.</returns>
    private int AcceptRings(Hello hello, Descriptor? attached)
    {
        if (!hello.HasRings || attached is null || _transport is not RingTransport transport)
            return 0;
        string? why = hello.RingBytes > Options.MaxRingBytes
            ? $"the peer offers {hello.RingBytes} bytes, {nameof(IpcEndpointOptions.MaxRingBytes)} allows {Options.MaxRingBytes}"
            : null;
        if (why is null && RingMemory.TryOpen(attached, hello.RingBytes, out why) is { } memory)
        {
            transport.Switch(memory, isCreator: false, afterNext: true, this);
            return memory.RingBytes;
        }

        Logger.LogInformation("{Session} gets no rings: {Why}", this, why);
        return 0;
    }

    /// <summary>The answer to the offer. Receive thread.</summary>
    private void SwitchToRings(Hello answer)
    {
        RingMemory? offered = Interlocked.Exchange(ref _offered, null);
        if (!answer.HasRings)
        {
            offered?.Release();
            return;
        }

        if (offered is null || answer.RingBytes != offered.RingBytes)
        {
            offered?.Release();
            throw new ProtocolViolationException($"rings of {answer.RingBytes} bytes that were not offered");
        }

        ((RingTransport)_transport).Switch(offered, isCreator: true, afterNext: false, this);
    }

    bool IHotTarget.HasArrived => _rings!.HasArrived;

    bool IHotTarget.HasArrivedWithin(int looks) => _rings!.HasArrivedWithin(looks);

    bool IHotTarget.IsToBeLeft => Volatile.Read(ref _watchers) > 1 || _state == Ended;

    int IHotTarget.Meet(int processor) => _rings!.Meet(processor);

    bool IHotTarget.Turn(InlineBatch batch) => Turn(batch);

    bool IHotTarget.EndWatch(InlineBatch batch)
    {
        bool more;
        using (_receiveGate.Enter())
        {
            _isHot = false;
            more = !EndWatch();
        }

        _rings!.EndUse();
        return !more || Turn(batch);
    }

    /// <summary>Whether nothing is there and the loop goes on looking by itself, without the doorbell. Receive gate, receiving thread.</summary>
    /// <param name="received">Whether something has just come.</param>
    private bool TryStayHot(bool received)
    {
        if (_rings is not { IsEmptyAndOpen: true } rings || _state != Open || IsClosed)
            return false;
        if (_isHot)
            return true;
        if (!received || _watchers > 0 || _hasSleeper || !Endpoint.Loop.HasHotPlace || !rings.TryUse())
            return false;
        Volatile.Write(ref _watchers, _watchers + 1);
        rings.Disarm();
        _isHot = true;
        Endpoint.Loop.KeepHot(this);
        return true;
    }

    /// <summary>A thread looks at the rings by itself no longer; the last one wants the doorbell again. Receive gate.</summary>
    /// <returns>False if something has arrived meanwhile that nobody is told of.</returns>
    private bool EndWatch()
    {
        Volatile.Write(ref _watchers, _watchers - 1);
        return _state == Ended || _watchers > 0 || _rings!.TryArm();
    }
}
