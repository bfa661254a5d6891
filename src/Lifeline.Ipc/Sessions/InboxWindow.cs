using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Sessions;

/// <summary>The requests of one session that wait or run here, and the credit that the peer gets back for those done. Thread-safe.</summary>
internal sealed class InboxWindow(int maxMessages, int maxBytes)
{
    private readonly Lock _gate = new();
    private int _messages;
    private long _bytes;
    private int _returnMessages;
    private long _returnBytes;

    /// <summary>What waits or runs.</summary>
    internal (int Messages, long Bytes) Held
    {
        get
        {
            lock (_gate)
                return (_messages, _bytes);
        }
    }

    /// <summary>Counts a request that arrived.</summary>
    /// <exception cref="ProtocolViolationException">The peer sent more than it had credit for.</exception>
    internal void Add(int bytes)
    {
        lock (_gate)
        {
            // What was handled but not given back yet is not the peer's to use.
            if (_messages + _returnMessages >= maxMessages || _bytes + _returnBytes + bytes > maxBytes)
                throw new ProtocolViolationException($"a request beyond the window of {maxMessages} messages and {maxBytes} bytes");
            _messages++;
            _bytes += bytes;
        }
    }

    /// <summary>Takes a handled request off.</summary>
    /// <returns>The credit to give now; (0, 0) for none yet.</returns>
    internal (int Messages, long Bytes) Remove(int bytes)
    {
        lock (_gate)
        {
            _messages--;
            _bytes -= bytes;
            _returnMessages++;
            _returnBytes += bytes;
            // Gathered, so that not every request costs a record. At most a quarter is ever held back.
            if (_returnMessages < Math.Max(1, maxMessages / 4) && _returnBytes < maxBytes / 4)
                return (0, 0);
            (int, long) credit = (_returnMessages, _returnBytes);
            _returnMessages = 0;
            _returnBytes = 0;
            return credit;
        }
    }
}
