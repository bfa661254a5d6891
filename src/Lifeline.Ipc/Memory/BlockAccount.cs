namespace Lifeline.Ipc;

/// <summary>The memory that one peer has sent and this process still holds: blocks, raw blocks, streams. Thread-safe.</summary>
internal sealed class BlockAccount(IpcSession session)
{
    private long _bytes;

    /// <summary>Bytes held now.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counts memory that is about to be held.</summary>
    /// <returns>The count, to be given back with the last hold.</returns>
    /// <exception cref="IpcLimitException">The peer has sent too much that is still held.</exception>
    internal BlockCharge Charge(long bytes)
    {
        long limit = session.Endpoint.Options.MaxBlockBytes;
        long held = Interlocked.Add(ref _bytes, bytes);
        if (held > limit)
        {
            Interlocked.Add(ref _bytes, -bytes);
            throw session.Endpoint.Limits.Reached(
                nameof(IpcEndpointOptions.MaxBlockBytes), limit, held,
                $"{held - bytes} bytes of shared memory from process {session.Peer.Pid} are held, and {bytes} more were sent");
        }

        return new BlockCharge(this, bytes);
    }

    internal void GiveBack(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
