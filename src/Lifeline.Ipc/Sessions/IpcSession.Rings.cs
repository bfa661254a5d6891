using Lifeline.Ipc.Calls;
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
    // Records of others that come before the reply, until the caller leaves them to the receive thread.
    private const int WatchesForReply = 32;

    private readonly SpinBudget _replySpin = new();
    private int _watchers;
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

    bool IHotTarget.HasArrived => ((RingTransport)_transport).HasArrived;

    bool IHotTarget.IsWatchedTwice => Volatile.Read(ref _watchers) > 1;

    /// <inheritdoc/>
    bool IHotTarget.TryBeginWatch(bool evenIfWatched)
    {
        if (_transport is not RingTransport transport || !transport.TryUse())
            return false;
        lock (_receiveGate)
        {
            if (_state == Open && (evenIfWatched || _watchers == 0))
            {
                Volatile.Write(ref _watchers, _watchers + 1);
                transport.Disarm();
                return true;
            }
        }

        transport.EndUse();
        return false;
    }

    /// <inheritdoc/>
    void IHotTarget.EndWatch(byte[]? buffer)
    {
        var transport = (RingTransport)_transport;
        lock (_receiveGate)
        {
            Volatile.Write(ref _watchers, _watchers - 1);
            if (_state != Ended && (transport.HasArrived || (_watchers == 0 && !transport.TryArm())))
                Receive(buffer);
        }

        transport.EndUse();
    }

    /// <summary>
    /// A caller looks for its reply itself before it sleeps, and receives what it finds, for whomever it is: a reply that
    /// comes soon costs no wake-up. Then the doorbell is wanted again.
    /// </summary>
    private void WatchForReply(BlockingCall call)
    {
        IHotTarget watched = this;
        if (_transport is not RingTransport || !_replySpin.IsWorthwhile)
            return;
        call.Watched = this;
        for (int i = 0; i < WatchesForReply && !call.NeedsThread && watched.TryBeginWatch(evenIfWatched: true); i++)
        {
            bool met = _replySpin.Spin(call);
            watched.EndWatch(null);
            if (!met)
                break;
        }
    }
}
