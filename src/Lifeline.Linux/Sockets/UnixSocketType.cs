namespace Lifeline.Linux;

/// <summary>What a Unix socket keeps together.</summary>
public enum UnixSocketType
{
    /// <summary>Bytes.</summary>
    Stream = 1,

    /// <summary>Messages without a connection.</summary>
    Datagram = 2,

    /// <summary>Messages over a connection, in order.</summary>
    SeqPacket = 5,
}

/// <summary>Who is at the other end, as the kernel says. Taken when the connection was made.</summary>
/// <param name="Pid">Process; 0 if it is in a namespace that cannot be seen from here.</param>
/// <param name="Uid">Effective user.</param>
/// <param name="Gid">Effective group.</param>
public readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid);

/// <summary>One received message.</summary>
public readonly record struct ReceivedMessage
{
    /// <summary>Bytes in the buffer.</summary>
    public int Length { get; init; }

    /// <summary>Nothing was there, and waiting was not wanted.</summary>
    public bool WouldBlock { get; init; }

    /// <summary>The other side is gone and everything it sent was read.</summary>
    public bool EndOfStream { get; init; }

    /// <summary>The message or its descriptors did not fit: the rest is lost, and all descriptors that came with it are closed.</summary>
    public bool Truncated { get; init; }

    /// <summary>Descriptors that came along; they belong to the caller. Empty mostly.</summary>
    public Descriptor[] Descriptors { get => field ?? []; init; }

    /// <summary>Who sent it, if <see cref="UnixSocket.SetPassCredentials"/> was called before.</summary>
    public PeerCredentials? Sender { get; init; }
}
