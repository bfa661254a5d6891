using Lifeline.Linux;

namespace Lifeline.Ipc;

// An end on its way to another process.
public sealed partial class SharedStream
{
    /// <summary>Reads an end that another process wrote.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The end; the caller disposes it.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.ParcelRead"/>: there is none, or its memory is not what it should be.</exception>
    public static SharedStream ReadFrom(Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        var role = parcel.ReadInt32();
        var capacity = parcel.ReadInt32();
        if (role is not (ReaderRole or WriterRole) || !IsCapacity(capacity))
            throw new IpcException(IpcError.ParcelRead, $"Role {role} with a ring of {capacity} bytes is no end of a shared stream.");
        using var memory = parcel.ReadDescriptor();
        using var link = parcel.ReadDescriptor();
        var block = SharedBlock.FromDescriptor(memory, SharedRing.HeaderBytes + capacity, parcel.Sender);
        UnixSocket? socket = null;
        try
        {
            socket = UnixSocket.FromDescriptor(link);
            return new SharedStream(block, socket, capacity, role == WriterRole);
        }
        catch (Exception e) when (e is LinuxException or SharedStreamException)
        {
            socket?.Dispose();
            block.Dispose();
            throw new IpcException(IpcError.ParcelRead, $"The end of a shared stream is not accepted: {e.Message}", e);
        }
        catch
        {
            socket?.Dispose();
            block.Dispose();
            throw;
        }
    }

    /// <summary>Writes this end into a parcel and takes it out of this object, which is disposed then. The stream goes on where it was.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <exception cref="ParcelException">It does not fit, or the parcel is read-only.</exception>
    /// <exception cref="InvalidOperationException">A call is in progress.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public void WriteTo(Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        Enter();
        try
        {
            using var memory = _block.DuplicateDescriptor();
            parcel.WriteInt32(_isWriter ? WriterRole : ReaderRole);
            parcel.WriteInt32(Capacity);
            parcel.WriteDescriptor(memory);
            parcel.WriteDescriptor(_socket);
            LetGo(handedOver: true);
        }
        finally
        {
            Leave();
        }
    }
}
