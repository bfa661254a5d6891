using System.Buffers.Binary;
using Lifeline.Ipc.Hostile.Peers;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Transport;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>
/// A whole session, fed with records: int16 length and the record, again and again; a length with the highest bit set waits until
/// the session has taken what came before. It must end with a reason, and never by a failure that is not foreseen.
/// </summary>
internal sealed class SessionTarget : ILogger
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private readonly IpcEndpoint _endpoint;
    private readonly DelegateStub _root;
    private volatile string? _unforeseen;

    private SessionTarget()
    {
        _endpoint = new IpcEndpoint(new IpcEndpointOptions { Name = "fuzz", Logger = this, InboxMessages = 64, MaxImportedObjects = 100, HandshakeTimeout = TimeSpan.FromMilliseconds(200) });
        _root = new DelegateStub("lifeline.fuzz.IRoot", (code, data, reply, _) =>
        {
            if (code == 1)
                reply.WriteInt32(data.ReadInt32() + 1);
            else if (code == 2)
                reply.WriteStub(_root!);
            else
                data.ReadProxy()?.Dispose();
            return ValueTask.CompletedTask;
        });
    }

    internal static FuzzTarget Instance { get; } = Make();

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Critical;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel >= LogLevel.Critical)
            _unforeseen = $"{formatter(state, exception)}: {exception}";
    }

    private static FuzzTarget Make()
    {
        var target = new Lazy<SessionTarget>(() => new SessionTarget());
        return new FuzzTarget("session", 4096, input => target.Value.Run(input), Seeds);
    }

    private void Run(ReadOnlySpan<byte> bytes)
    {
        var bell = new Bell();
        (MemoryTransport peer, MemoryTransport own) = MemoryTransport.CreatePair(new Bell(), bell);
        IpcSession session = _endpoint.Create(own, isConnector: false, _root);
        bell.Session = session;
        session.Start();
        var input = new FuzzInput(bytes);
        byte[] answers = new byte[RecordHeader.MaxRecordSize + 1];
        while (!input.IsEmpty && !session.IsClosed)
        {
            int length = input.Byte() | (input.Byte() << 8);
            ReadOnlySpan<byte> record = input.Take(length & 0x7FFF);
            if (peer.TryReserve(record.Length, 0, out Span<byte> place) != SendStatus.Done)
                break;
            record.CopyTo(place);
            peer.Commit([]);
            while (peer.TryReceive(answers, out _, out _) == ReceiveStatus.Record)
            {
                // What it says matters to nobody.
            }
        }

        peer.Dispose();
        if (!session.Closed.Wait(s_patience))
            throw new InvalidOperationException($"{session} did not end");
        if (_unforeseen is { } what)
        {
            _unforeseen = null;
            throw new InvalidOperationException(what);
        }
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] hello = new byte[Hello.Size];
        int length = new Hello(1, 1, 0, Guid.Empty, 100, 4 << 20, true).Write(hello);
        byte[] opening = Framed(RawSession.Record(new RecordHeader { Kind = RecordKind.Hello }, hello.AsSpan(0, length)));
        foreach (byte[] record in ProtocolTargets.Records())
            yield return [.. opening, .. Framed(record)];
        for (byte kind = 1; kind <= 14; kind++)
            yield return [.. opening, .. Framed(RawSession.Record(new RecordHeader { Kind = (RecordKind)kind, Id = 1, Target = 1, Code = 1 }, new byte[40]))];
        byte[] stub = new byte[24];
        new WireObject(WireObjectKind.Sender, 5).Write(stub);
        yield return
        [
            .. opening,
            .. Framed(RawSession.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = 3 }, stub, 0)),
            .. Framed(RawSession.Record(new RecordHeader { Kind = RecordKind.Call, Id = 1, Target = 1, Code = 2 }, [])),
            .. Framed(RawSession.Record(new RecordHeader { Kind = RecordKind.Release, Id = 1, Target = 2 }, [])),
            .. Framed(RawSession.Record(new RecordHeader { Kind = RecordKind.Goodbye }, "enough"u8)),
        ];
    }

    private static byte[] Framed(byte[] record)
    {
        byte[] framed = new byte[2 + record.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(framed, (ushort)record.Length);
        record.CopyTo(framed, 2);
        return framed;
    }

    private sealed class Bell : IDoorbell
    {
        internal IDoorbell? Session { get; set; }

        public void RingReadable() => Session?.RingReadable();

        public void RingWritable() => Session?.RingWritable();
    }
}
