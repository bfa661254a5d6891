using Lifeline.Ipc.Hostile.Faults;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Peers;

/// <summary>Writers of boards and ends of streams that die of a store.</summary>
internal static class DyingWriters
{
    internal const int StreamSeed = 251;

    /// <summary>Writes values that say their own number until the store kills it.</summary>
    internal static int Board(int memory, int size, string point, int times)
    {
        using Descriptor inherited = Descriptor.Adopt(memory);
        using var block = SharedBlock.FromDescriptor(inherited, size);
        using var writer = SharedBoardWriter.TakeOver(block);
        byte[] value = new byte[writer.Header.SlotSize];
        using var reader = new SharedBoardReader(block);
        Mortality.DieAt(point, times);
        for (long next = reader.ReadGeneration(0) + 1; ; next++)
        {
            Array.Fill(value, (byte)next);
            writer.Write(0, value);
        }
    }

    /// <summary>Writes or reads a stream until the store kills it.</summary>
    internal static int Stream(bool isWriter, int memory, int socket, int capacity, string point, int times)
    {
        using var parcel = new Parcel();
        using (Descriptor first = Descriptor.Adopt(memory), second = Descriptor.Adopt(socket))
        {
            parcel.WriteInt32(isWriter ? 1 : 0);
            parcel.WriteInt32(capacity);
            parcel.WriteDescriptor(first);
            parcel.WriteDescriptor(second);
        }

        SharedStream stream = parcel.ReadParcelable<SharedStream>();
        byte[] bytes = new byte[StreamSeed * 20];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i % StreamSeed);
        Mortality.DieAt(point, times);
        for (int i = 0; i < 2000; i++)
        {
            if (isWriter)
                stream.Write(bytes);
            else
                _ = stream.Read(bytes);
        }

        stream.Dispose();
        return 0;
    }
}
