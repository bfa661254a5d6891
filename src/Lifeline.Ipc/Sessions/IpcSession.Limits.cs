using Lifeline.Ipc.Limits;

namespace Lifeline.Ipc;

// What the peer may make this process hold.
public sealed partial class IpcSession
{
    private BlockAccount? _blocks;

    /// <summary>The memory that the peer sent and this process holds.</summary>
    internal BlockAccount Blocks => Volatile.Read(ref _blocks) ?? Interlocked.CompareExchange(ref _blocks, new BlockAccount(this), null) ?? _blocks!;

    /// <summary>The error for a record with more descriptors than a parcel from here may have; null if it has not.</summary>
    private IpcLimitException? TooManyDescriptors(int count)
    {
        int limit = Options.MaxDescriptorsPerParcel;
        return count <= limit ? null : Endpoint.Limits.Reached(nameof(IpcEndpointOptions.MaxDescriptorsPerParcel), limit, count, $"{Describe()} sent {count} descriptors in one parcel");
    }

    /// <summary>Who handles a request with descriptors: its stub, or one that says that there are too many.</summary>
    private IpcStub HandlerOf(IpcStub stub, int descriptors) =>
        TooManyDescriptors(descriptors) is { } refusal ? new RefusingStub(stub.Descriptor, refusal) : stub;
}
