namespace Lifeline.Ipc.Protocol;

/// <summary>A ticket: with it, one other process may fetch one stub from its home, once.</summary>
/// <param name="Token">The secret.</param>
/// <param name="Endpoint">The random number of the home endpoint.</param>
/// <param name="Pid">The home process, as the one who hands the ticket on knows it.</param>
/// <param name="Uid">Its user.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Address">Where the home listens.</param>
internal sealed record TicketGrant(Guid Token, Guid Endpoint, int Pid, uint Uid, uint Gid, string Address)
{
    /// <summary>The longest address, in bytes of UTF-8: a path can be longer than a socket address, see Lifeline.Linux.</summary>
    internal const int MaxAddressBytes = 4096;

    /// <summary>Bytes that it takes at most.</summary>
    internal const int MaxSize = 16 + 16 + 4 + 4 + 4 + 2 + MaxAddressBytes;

    internal int Write(Span<byte> target)
    {
        var writer = new PayloadWriter(target);
        writer.Guid(Token);
        writer.Guid(Endpoint);
        writer.UInt32((uint)Pid);
        writer.UInt32(Uid);
        writer.UInt32(Gid);
        writer.Text(Address);
        return writer.Length;
    }

    internal static TicketGrant Read(ReadOnlySpan<byte> source)
    {
        var reader = new PayloadReader(source, "a ticket");
        return new TicketGrant(reader.Guid(), reader.Guid(), (int)reader.UInt32(), reader.UInt32(), reader.UInt32(), reader.Text(MaxAddressBytes));
    }
}
