using Lifeline.Ipc.Death;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>A peer with a life page into which the test writes.</summary>
internal sealed unsafe class RawLifePeer : IDisposable
{
    internal const uint Held = Futex.HasWaiters | 4711;

    private const MemorySeals Good = MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite;

    private readonly MemoryFile _file;
    private readonly MemoryMapping _mapping;
    private readonly byte _number;

    internal RawLifePeer(string path, uint value = Held, byte word = 3, int size = 4096, MemorySeals seals = Good, bool sends = true, bool isMemory = true)
    {
        _number = word;
        _file = MemoryFile.Create("test-life", size);
        _mapping = _file.Map(0, size, writable: true);
        Word = value;
        _file.Seal(seals);
        Raw = RawPeer.Connect(path);
        byte[] hello = new byte[Hello.Size];
        int length = new Hello(Hello.Version, Hello.Version, Hello.LifeFeature, Guid.NewGuid(), 100, 4 << 20, true, 0, word).Write(hello);
        using Descriptor nothing = Descriptor.Open("/dev/null", OpenFlags.ReadWrite);
        Descriptor[] descriptors = sends ? [isMemory ? _file : nothing] : [];
        Raw.SendBytes(RawPeer.Record(new RecordHeader { Kind = RecordKind.Hello, DescriptorCount = (ushort)descriptors.Length }, hello.AsSpan(0, length)), descriptors);
        (RecordHeader header, byte[] data) = Raw.Receive()!.Value;
        Assert.Equal(RecordKind.HelloAck, header.Kind);
        Answer = Hello.Read(data);
    }

    internal RawPeer Raw { get; }

    internal Hello Answer { get; }

    internal uint Word
    {
        get => Volatile.Read(ref *At);
        set => Volatile.Write(ref *At, value);
    }

    private uint* At => LifePage.Word(_mapping, _number % LifePage.Words * LifePage.Stride < _mapping.Length ? _number % LifePage.Words : 0);

    internal int Wake() => Futex.Wake(At, 1, isShared: true);

    /// <summary>Does what the kernel does when the process begins to end.</summary>
    internal void PretendToDie()
    {
        Word = Futex.OwnerDied | Futex.HasWaiters;
        Wake();
    }

    public void Dispose()
    {
        Raw.Dispose();
        _mapping.Dispose();
        _file.Dispose();
    }
}
