using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>
/// A block of memory that processes share: made by one, passed to others in a parcel, mapped by each that wants to see its bytes.
/// What is called Ashmem elsewhere.
/// </summary>
/// <remarks>
/// <para>
/// It is a memfd that can neither grow nor shrink, so that no map of it ever faults. The memory exists as long as anybody holds the block,
/// a parcel with it or a map of it, in any process; it is gone with the last of them, also when they are killed.
/// </para>
/// <para>
/// The bytes belong to everybody who may write them and can change at any moment: copy out (<see cref="SharedMap.ReadTo"/>) what is
/// checked and then used, or pass the block on read-only. Thread-safe.
/// </para>
/// </remarks>
public sealed class SharedBlock : IParcelable<SharedBlock>, IDisposable
{
    /// <summary>The bytes of the largest block: 1 GiB. A parcel holds at most <see cref="Parcel.MaxDescriptors"/> blocks.</summary>
    public const int MaxSize = 1 << 30;

    /// <summary>The bytes of UTF-8 of the longest name: 249, the kernel's limit.</summary>
    public const int MaxNameBytes = 249;

    private const MemorySeals FixedSize = MemorySeals.Shrink | MemorySeals.Grow;
    private const MemorySeals ReadOnlySeals = MemorySeals.FutureWrite | MemorySeals.Write;

    private readonly MemoryFile _file;
    private volatile SharedBlockAccess _allowed;

    private readonly BlockCharge? _charge;
    private int _disposed;

    private SharedBlock(MemoryFile file, int size, SharedBlockAccess allowed, BlockCharge? charge = null)
    {
        _file = file;
        Size = size;
        _allowed = allowed;
        _charge = charge;
    }

    /// <summary>Bytes; never changes.</summary>
    public int Size { get; }

    /// <summary>What may still be done with it through this object: what <see cref="SetProtection"/> left, less what another holder sealed.</summary>
    /// <exception cref="ObjectDisposedException">It is disposed.</exception>
    public SharedBlockAccess Protection =>
        (_file.Seals & ReadOnlySeals) == 0 ? _allowed : _allowed & ~SharedBlockAccess.Write;

    /// <summary>Makes a block of zeros. It takes memory page by page, as it is written.</summary>
    /// <param name="name">For people who look into /proc; need not be unique. At most <see cref="MaxNameBytes"/> bytes, no NUL.</param>
    /// <param name="size">Bytes: 1 to <see cref="MaxSize"/>.</param>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.CheckParam"/>: the name or the size is not allowed. <see cref="IpcError.Allocator"/>: the kernel refused.
    /// </exception>
    public static SharedBlock Create(string name, int size)
    {
        ArgumentNullException.ThrowIfNull(name);
        MemoryErrors.CheckName(name, MaxNameBytes);
        if (size is < 1 or > MaxSize)
            throw new IpcException(IpcError.CheckParam, $"A shared block has 1 to {MaxSize} bytes (SharedBlock.MaxSize), not {size}.");
        try
        {
            var file = MemoryFile.Create(name, size);
            try
            {
                file.Seal(FixedSize);
                return new SharedBlock(file, size, SharedBlockAccess.ReadWrite);
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (LinuxException e)
        {
            throw MemoryErrors.Refused($"A shared block of {size} bytes cannot be made", e);
        }
    }

    /// <summary>Sees a descriptor that came from elsewhere (inherited, received) as a block, after the same checks as one from a parcel.</summary>
    /// <param name="descriptor">It is duplicated; the caller keeps its own.</param>
    /// <param name="size">The bytes that it must have.</param>
    /// <exception cref="IpcException"><see cref="IpcError.ParcelRead"/>: it is no memfd, of another size, or could grow or shrink.</exception>
    public static SharedBlock FromDescriptor(Descriptor descriptor, int size) => FromDescriptor(descriptor, size, sender: null);

    /// <summary>The same for one that a peer sent: it counts on the peer's account as long as this process holds it.</summary>
    internal static SharedBlock FromDescriptor(Descriptor descriptor, int size, BlockAccount? sender)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        if (size is < 1 or > MaxSize)
            throw new IpcException(IpcError.ParcelRead, $"A shared block has 1 to {MaxSize} bytes (SharedBlock.MaxSize), not {size}.");
        try
        {
            var file = MemoryFile.FromDescriptor(descriptor);
            try
            {
                Validate(file, size);
                return new SharedBlock(file, size, SharedBlockAccess.ReadWrite, sender?.Charge(size));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (LinuxException e)
        {
            throw new IpcException(IpcError.ParcelRead, $"The descriptor is no shared block: {e.Message}", e);
        }
    }

    /// <summary>Reads a block that another process wrote. What the sender says of it is checked before anything is mapped.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The block; the caller disposes it. It is read-only if the sender dropped <see cref="SharedBlockAccess.Write"/>.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.ParcelRead"/>: there is none, it could grow or shrink, or its size is another than said.</exception>
    /// <exception cref="IpcLimitException">The sender's blocks that this process holds reach <see cref="IpcEndpointOptions.MaxBlockBytes"/>.</exception>
    public static SharedBlock ReadFrom(Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        using var descriptor = parcel.ReadDescriptor();
        return FromDescriptor(descriptor, parcel.ReadInt32(), parcel.Sender);
    }

    /// <summary>Takes rights away, for ever: they never come back.</summary>
    /// <param name="protection">What may be done from now on: nothing that <see cref="Protection"/> does not hold.</param>
    /// <remarks>
    /// Without <see cref="SharedBlockAccess.Write"/> the kernel refuses every new writable map and every write, to all holders; maps that
    /// exist stay as they are, so that the maker can go on writing a block that it hands over read-only. <see cref="SharedBlockAccess.Read"/>
    /// is taken from this object only: whoever holds the memory can read it.
    /// </remarks>
    /// <exception cref="IpcException"><see cref="IpcError.PermissionDenied"/>: it would add a right, or the kernel refused.</exception>
    public void SetProtection(SharedBlockAccess protection)
    {
        var now = Protection;
        if ((protection & ~now) != 0)
            throw new IpcException(IpcError.PermissionDenied, $"The protection of a shared block can only drop: it is {now}, and {protection} was asked for.");
        if (!protection.HasFlag(SharedBlockAccess.Write) && (_file.Seals & ReadOnlySeals) == 0)
        {
            try
            {
                _file.Seal(MemorySeals.FutureWrite);
            }
            catch (LinuxException e)
            {
                throw new IpcException(IpcError.PermissionDenied, $"The shared block cannot be made read-only: {e.Message}", e);
            }
        }

        _allowed = protection;
    }

    /// <summary>Maps the whole block into this process.</summary>
    /// <param name="access">What is to be done with it; not <see cref="SharedBlockAccess.None"/>.</param>
    /// <returns>The map; the caller disposes it. It may outlive this object.</returns>
    /// <exception cref="IpcException">
    /// <see cref="IpcError.PermissionDenied"/>: <see cref="Protection"/> does not allow it. <see cref="IpcError.Allocator"/>: the kernel refused.
    /// </exception>
    public SharedMap Map(SharedBlockAccess access = SharedBlockAccess.ReadWrite) => new(MapPlain(access), access, _charge?.AddHold());

    /// <summary>A second object for the same memory, with the same protection.</summary>
    /// <exception cref="IpcException"><see cref="IpcError.Allocator"/>: the process has no room for another descriptor.</exception>
    public SharedBlock Duplicate()
    {
        try
        {
            return new SharedBlock(MemoryFile.FromDescriptor(_file), Size, _allowed, _charge?.AddHold());
        }
        catch (LinuxException e)
        {
            throw MemoryErrors.Refused("A shared block cannot be duplicated", e);
        }
    }

    /// <summary>A descriptor of the memory, to be handed to a child process.</summary>
    /// <returns>A duplicate, which the caller disposes.</returns>
    /// <exception cref="LinuxException">The process has no room for another descriptor.</exception>
    public Descriptor DuplicateDescriptor() => _file.Duplicate();

    /// <summary>Writes the block: a descriptor and an int32, whatever its size. The caller keeps its own.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <exception cref="ParcelException">It does not fit, or the parcel is read-only.</exception>
    public void WriteTo(Parcel parcel)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        parcel.WriteDescriptor(_file);
        parcel.WriteInt32(Size);
    }

    /// <summary>Lets go of the block. Maps of it stay.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            _charge?.Release();
    }

    /// <summary>Keeps it on its sender's account until the result is released; null if nobody sent it.</summary>
    internal BlockCharge? Hold() => _charge?.AddHold();

    internal MemoryMapping MapPlain(SharedBlockAccess access)
    {
        if (access is SharedBlockAccess.None || (access & ~SharedBlockAccess.ReadWrite) != 0)
            throw new IpcException(IpcError.CheckParam, $"A map is for reading, writing or both, not for {access}.");
        if ((access & ~Protection) != 0)
            throw new IpcException(IpcError.PermissionDenied, $"The shared block allows {Protection}, and a map for {access} was asked for.");
        try
        {
            return _file.Map(0, Size, access.HasFlag(SharedBlockAccess.Write));
        }
        catch (LinuxException e)
        {
            throw MemoryErrors.Refused($"A shared block of {Size} bytes cannot be mapped", e);
        }
    }

    private static void Validate(MemoryFile file, int size)
    {
        var seals = file.Seals;
        if ((seals & FixedSize) != FixedSize)
            throw new IpcException(IpcError.ParcelRead, $"A shared block must be sealed against growing and shrinking, this one has the seals {seals}.");
        if (file.Size != size)
            throw new IpcException(IpcError.ParcelRead, $"The shared block was said to have {size} bytes and has {file.Size}.");
        // Huge pages can be taken away from under a map when the pool is empty, which would kill the reader.
        if (file.UsesHugePages)
            throw new IpcException(IpcError.ParcelRead, "A shared block of huge pages is not accepted: a map of it can fault.");
    }
}
