namespace Lifeline.Ipc.Transport;

/// <summary>How a transport without a pollable descriptor tells its owner that there is something to do. Rung on any thread; must not block.</summary>
internal interface IDoorbell
{
    /// <summary>There is a record, or the end.</summary>
    void RingReadable();

    /// <summary>There is room again after Full.</summary>
    void RingWritable();

    /// <summary>The peer is to be told of what was sent.</summary>
    /// <returns>Whether it is told in another way than by the transport's own.</returns>
    bool TryTellPeer() => false;
}
