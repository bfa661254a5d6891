using System.Text;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>The errors of shared memory, worded in one place.</summary>
internal static class MemoryErrors
{
    internal static void CheckName(string name, int limit)
    {
        var bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > limit)
            throw new IpcException(IpcError.CheckParam, $"The name of shared memory has at most {limit} bytes, this one {bytes}.");
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new IpcException(IpcError.CheckParam, "The name of shared memory holds a NUL.");
    }

    internal static IpcException Refused(string what, LinuxException cause) => new(IpcError.Allocator, $"{what}: {cause.Message}", cause);

    internal static ParcelException RawTooLarge(string operation, long size) => new(
        IpcError.CheckParam, ParcelFault.InvalidLength, operation, size, Parcel.MaxRawDataSize,
        $"a raw block has at most {Parcel.MaxRawDataSize} bytes (Parcel.MaxRawDataSize, fixed by the format), this one {size}; pass larger data as a SharedBlock.");

    internal static ParcelException SecondRawBlock(string operation) => new(
        IpcError.ParcelWrite, ParcelFault.SecondRawBlock, operation, 2, 1, "a parcel holds one raw block, and this one has it already; pass more as SharedBlocks.");

    internal static ParcelException RawSize(string operation, int asked, int written) => new(
        IpcError.ParcelRead, ParcelFault.InvalidLength, operation, asked, written, $"{asked} bytes were asked for, the raw block has {written}.");

    internal static ParcelException InvalidMemory(string operation, string wrong, Exception? cause = null) => new(
        IpcError.ParcelRead, ParcelFault.InvalidMemory, operation, 0, 0, $"the memory that was sent is not accepted: {wrong}.", cause);
}
