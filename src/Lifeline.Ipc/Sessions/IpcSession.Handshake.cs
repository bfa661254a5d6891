using Lifeline.Ipc.Death;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;
using Lifeline.Linux;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc;

// From the connection to the open session.
public sealed partial class IpcSession
{
    private ITimer? _handshakeTimer;
    private ulong _tag;
    private SharedProcess? _watched;
    private bool _peerKnowsLife;
    private bool _peerKnowsLook;
    private bool _peerKnowsStubs;
    private Hello _peerHello;

    /// <summary>Begins the handshake and the receiving. Any thread, once.</summary>
    internal void Start()
    {
        _handshakeTimer = Options.TimeProvider.CreateTimer(_ => HandshakeTimedOut(), null, Options.HandshakeTimeout, Timeout.InfiniteTimeSpan);
        if (IsConnector)
            SayHello();
        if (_transport.Pollable is { } pollable)
            _tag = Endpoint.Loop.Register(pollable, EpollEvents.In, this);
        Endpoint.Loop.Schedule(this);
    }

    private void HandshakeTimedOut()
    {
        if (_state == Connecting)
            CloseWith(IpcError.Timeout, $"no handshake within {Options.HandshakeTimeout.TotalMilliseconds:0} ms ({nameof(IpcEndpointOptions.HandshakeTimeout)})");
    }

    private void SendHello(RecordKind kind, int ringBytes, MemoryFile? rings = null)
    {
        List<Descriptor> descriptors = rings is null ? [] : [rings];
        uint features = ringBytes == 0 ? 0 : Hello.RingsFeature;
        // An answer has no feature that the hello had not: the peer may not know it.
        LifePage? life = IsConnector || _peerKnowsLife ? OwnLife() : null;
        if (life?.TryShare() is { } page)
        {
            features |= Hello.LifeFeature;
            descriptors.Add(page);
        }

        if (ringBytes != 0 && (IsConnector || _peerKnowsLook))
            features |= Hello.LookFeature;
        if (IsConnector || _peerKnowsStubs)
            features |= Hello.StubsFeature;

        var hello = new Hello(
            Hello.Version,
            Hello.Version,
            features,
            Endpoint.Identifier,
            (uint)Options.InboxMessages,
            (uint)Options.InboxBytes,
            _root is not null,
            (uint)ringBytes,
            (byte)(life?.NextWord() ?? 0),
            (ulong)Id,
            (uint)Options.MaxImportedObjects);
        Span<byte> payload = stackalloc byte[Hello.Size];
        _send.SendControl(new RecordHeader { Kind = kind }, payload[..hello.Write(payload)], descriptors: [.. descriptors]);
    }

    private void HandleHandshake(in RecordHeader header, ReadOnlySpan<byte> data, Descriptor[] descriptors)
    {
        try
        {
            ShakeHands(header, data, descriptors);
        }
        finally
        {
            // They are mapped, or not wanted: the session costs one descriptor in either case.
            foreach (Descriptor descriptor in descriptors)
                descriptor.Dispose();
        }
    }

    private void ShakeHands(in RecordHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<Descriptor> descriptors)
    {
        if (header.Kind == RecordKind.Goodbye)
        {
            HandleGoodbye(header, data);
            return;
        }

        RecordKind expected = IsConnector ? RecordKind.HelloAck : RecordKind.Hello;
        if (header.Kind != expected)
            throw new ProtocolViolationException($"a record of kind {(byte)header.Kind} instead of {expected}");
        var hello = Hello.Read(data);
        if (hello.MinVersion > Hello.Version || hello.MaxVersion < Hello.Version)
        {
            CloseWith(IpcError.ProtocolMismatch, $"the peer speaks versions {hello.MinVersion} to {hello.MaxVersion} of the protocol, this process {Hello.Version}");
            return;
        }

        BecomeOpen(hello, descriptors);
    }

    private void BecomeOpen(Hello hello, ReadOnlySpan<Descriptor> descriptors)
    {
        _handshakeTimer?.Dispose();
        _handshakeTimer = null;
        if (IsConnector)
        {
            CallerIdentity listener = _peer;
            _peer = _transport.Identify();
            listener.Process?.Dispose();
        }

        // In the order of their features; an answer brings no rings, they are those of the hello.
        Descriptor? rings = hello.HasRings && !IsConnector ? Next(ref descriptors) : null;
        _peerKnowsLife = hello.HasLife;
        _peerKnowsLook = hello.HasLook;
        _peerKnowsStubs = hello.HasStubs;
        _peerHello = hello;
        _exports.MaxAtPeer = hello.MaxStubs;
        WatchLife(hello, hello.HasLife ? Next(ref descriptors) : null);
        PeerEndpoint = hello.Endpoint;
        if (hello.HasRoot)
            _remoteRoot = new RemoteTarget(this, ExportTable.RootHandle);
        if (!IsConnector)
            SendHello(RecordKind.HelloAck, AcceptRings(hello, rings));
        else
            SwitchToRings(hello);
        _send.AddCredit(hello.WindowMessages, hello.WindowBytes);
        _state = Open;
        if (hello.HasLook)
            ShareDoorbell(hello.Number);
        WatchProcess();
        Logger.LogDebug("{Session} is open", this);
        Endpoint.Opened(this);
        _opened.TrySetResult(this);
    }

    private static Descriptor? Next(ref ReadOnlySpan<Descriptor> descriptors)
    {
        if (descriptors.IsEmpty)
            return null;
        Descriptor first = descriptors[0];
        descriptors = descriptors[1..];
        return first;
    }

    /// <summary>A child that inherited the socket can keep it open beyond its process's death: so the process is watched, too.</summary>
    private void WatchProcess()
    {
        if (_transport.Pollable is null || Peer.Process is not { } process || Peer.Pid == CurrentProcess.Id)
            return;
        _watched = process.Shared;
        Endpoint.Processes.Add(_watched, this);
    }

    private void UnregisterAll()
    {
        if (_tag != 0)
            Endpoint.Loop.Unregister(_transport.Pollable!, _tag);
        if (_watched is not null)
            Endpoint.Processes.Remove(_watched, this);
        LeaveLife();
        _tag = 0;
        _watched = null;
    }
}
