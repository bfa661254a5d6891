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
    private ulong _processTag;

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
        var hello = new Hello(
            Hello.Version,
            Hello.Version,
            ringBytes == 0 ? 0 : Hello.RingsFeature,
            Endpoint.Identifier,
            (uint)Options.InboxMessages,
            (uint)Options.InboxBytes,
            _root is not null,
            (uint)ringBytes);
        Span<byte> payload = stackalloc byte[Hello.Size];
        _send.SendControl(new RecordHeader { Kind = kind }, payload[..hello.Write(payload)], descriptor: rings);
    }

    private void HandleHandshake(in RecordHeader header, ReadOnlySpan<byte> data, Descriptor[] descriptors)
    {
        // It is mapped, or not wanted: the session costs one descriptor in either case.
        using Descriptor? attached = descriptors.FirstOrDefault();
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

        BecomeOpen(hello, attached);
    }

    private void BecomeOpen(Hello hello, Descriptor? attached)
    {
        _handshakeTimer?.Dispose();
        if (IsConnector)
        {
            CallerIdentity listener = _peer;
            _peer = _transport.Identify();
            listener.Process?.Dispose();
        }

        PeerEndpoint = hello.Endpoint;
        if (hello.HasRoot)
            _remoteRoot = new RemoteTarget(this, ExportTable.RootHandle);
        if (!IsConnector)
            SendHello(RecordKind.HelloAck, AcceptRings(hello, attached));
        else
            SwitchToRings(hello);
        _send.AddCredit(hello.WindowMessages, hello.WindowBytes);
        _state = Open;
        WatchProcess();
        Logger.LogDebug("{Session} is open", this);
        Endpoint.Opened(this);
        _opened.TrySetResult(this);
    }

    /// <summary>A child that inherited the socket can keep it open beyond its process's death: so the process is watched, too.</summary>
    private void WatchProcess()
    {
        if (_transport.Pollable is not null && Peer.Process is { } process && Peer.Pid != CurrentProcess.Id)
            _processTag = Endpoint.Loop.Register(process.Handle, EpollEvents.In, new ProcessWatch(this));
    }

    private void UnregisterAll()
    {
        if (_tag != 0)
            Endpoint.Loop.Unregister(_transport.Pollable!, _tag);
        if (_processTag != 0)
            Endpoint.Loop.Unregister(Peer.Process!.Handle, _processTag);
        _tag = _processTag = 0;
    }

    private sealed class ProcessWatch(IpcSession session) : Endpoints.IPollTarget
    {
        public void OnReady(EpollEvents events) => session.OnProcessEnded();
    }
}
