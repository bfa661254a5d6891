using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// The agreement on rings in shared memory. Without one, everything goes through the socket.
public sealed partial class IpcSession
{
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
}
