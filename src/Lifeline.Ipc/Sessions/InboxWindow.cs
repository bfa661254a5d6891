using System.Runtime.CompilerServices;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Sessions;

/// <summary>The requests of one session that wait or run here, and the credit that the peer gets back for those done. Thread-safe.</summary>
internal sealed class InboxWindow(int maxMessages, int maxBytes)
{
    private readonly Lock _gate = new();
    private long _arrivedMessages;
    private long _arrivedBytes;
    private long _doneMessages;
    private long _doneBytes;
    private long _givenMessages;
    private long _givenBytes;

    /// <summary>What waits or runs. Any thread; the two need not fit together exactly.</summary>
    internal (int Messages, long Bytes) Held =>
        ((int)Math.Max(0, Volatile.Read(ref _arrivedMessages) - Volatile.Read(ref _doneMessages)), Math.Max(0, Volatile.Read(ref _arrivedBytes) - Volatile.Read(ref _doneBytes)));

    /// <summary>Whether a request fits in. What was handled but not given back yet is not the peer's to use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool HasRoom(int bytes) =>
        _arrivedMessages - Volatile.Read(ref _givenMessages) < maxMessages && _arrivedBytes + bytes - Volatile.Read(ref _givenBytes) <= maxBytes;

    /// <summary>Counts a request that arrived. One thread at a time.</summary>
    /// <exception cref="ProtocolViolationException">The peer sent more than it had credit for.</exception>
    internal void Add(int bytes)
    {
        if (!HasRoom(bytes))
            throw new ProtocolViolationException($"a request beyond the window of {maxMessages} messages and {maxBytes} bytes");
        Count(bytes);
    }

    /// <summary>Counts a request for which there was room a moment ago. One thread at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Count(int bytes)
    {
        _arrivedMessages++;
        _arrivedBytes += bytes;
    }

    /// <summary>Takes handled requests off.</summary>
    /// <param name="messages">How many.</param>
    /// <param name="bytes">Their bytes.</param>
    /// <returns>Whether there is enough to give back: gathered, so that not every request costs a record. At most a quarter is ever held back.</returns>
    internal bool Remove(int messages, long bytes)
    {
        // The bytes first: credit for a message never goes without that for its bytes, which nothing later would give.
        long doneBytes = Interlocked.Add(ref _doneBytes, bytes);
        long doneMessages = Interlocked.Add(ref _doneMessages, messages);
        return doneMessages - Volatile.Read(ref _givenMessages) >= Math.Max(1, maxMessages / 4)
            || doneBytes - Volatile.Read(ref _givenBytes) >= maxBytes / 4;
    }

    /// <summary>Gives back what was handled.</summary>
    /// <param name="give">Gets what was ever given and how much of it is new; called under a lock, in order.</param>
    /// <param name="state">Passed to it.</param>
    internal void Give<T>(Action<T, InboxCredit> give, T state)
    {
        lock (_gate)
        {
            long messages = Volatile.Read(ref _doneMessages);
            long bytes = Volatile.Read(ref _doneBytes);
            var credit = new InboxCredit(messages, bytes, messages - _givenMessages, bytes - _givenBytes);
            if (credit.NewMessages == 0)
                return;
            Volatile.Write(ref _givenMessages, messages);
            Volatile.Write(ref _givenBytes, bytes);
            give(state, credit);
        }
    }
}

/// <summary>Credit of a window.</summary>
internal readonly record struct InboxCredit(long Messages, long Bytes, long NewMessages, long NewBytes);
