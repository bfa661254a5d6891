using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Memory;

/// <summary>The other process of a test: writes counting bytes into a stream without end, until it is killed.</summary>
internal static class StreamWritingRole
{
    internal static int Run(int memory, int socket, int capacity)
    {
        using var parcel = new Parcel();
        using (Descriptor first = Descriptor.Adopt(memory), second = Descriptor.Adopt(socket))
        {
            parcel.WriteInt32(1);
            parcel.WriteInt32(capacity);
            parcel.WriteDescriptor(first);
            parcel.WriteDescriptor(second);
        }

        using var writer = parcel.ReadParcelable<SharedStream>();
        var bytes = new byte[256 * 100];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)i;
        while (true)
            writer.Write(bytes);
    }
}
