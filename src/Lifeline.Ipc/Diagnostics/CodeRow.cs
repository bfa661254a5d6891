using System.Runtime.CompilerServices;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>The statistics of one request code of one stub in one session.</summary>
internal sealed class CodeRow(string descriptor, uint code)
{
    private long _errors;
    private long _refused;
    private long _bytesOut;
    private long _ticks;
    private long _maxTicks;

    internal string Descriptor => descriptor;

    /// <summary>0 for the row that gathers what has none of its own.</summary>
    internal uint Code => code;

    /// <summary>Requests and their bytes. Written by who receives, one thread at a time.</summary>
    internal long Requests { get; private set; }

    internal long BytesIn { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteRequest(int bytes)
    {
        Requests++;
        BytesIn += bytes;
    }

    // The others may come from several workers at once.
    internal void NoteReply(int bytes) => Interlocked.Add(ref _bytesOut, bytes);

    internal void NoteError() => Interlocked.Increment(ref _errors);

    internal void NoteRefusal() => Interlocked.Increment(ref _refused);

    internal void NoteTime(long ticks)
    {
        Interlocked.Add(ref _ticks, ticks);
        long max = Volatile.Read(ref _maxTicks);
        while (ticks > max)
        {
            long seen = Interlocked.CompareExchange(ref _maxTicks, ticks, max);
            if (seen == max)
                return;
            max = seen;
        }
    }

    /// <summary>Adds another row, which is written no more. Guarded by the caller.</summary>
    internal void Add(CodeRow other)
    {
        Requests += other.Requests;
        BytesIn += other.BytesIn;
        Interlocked.Add(ref _errors, other._errors);
        Interlocked.Add(ref _refused, other._refused);
        Interlocked.Add(ref _bytesOut, other._bytesOut);
        Interlocked.Add(ref _ticks, other._ticks);
        _maxTicks = Math.Max(_maxTicks, other._maxTicks);
    }

    internal IpcCallStatistics Read(CallerIdentity? peer, long session, TimeProvider time) => new()
    {
        Peer = peer,
        SessionId = session,
        Descriptor = descriptor,
        Code = code,
        Requests = Requests,
        Errors = Interlocked.Read(ref _errors),
        Refused = Interlocked.Read(ref _refused),
        BytesIn = BytesIn,
        BytesOut = Interlocked.Read(ref _bytesOut),
        HandlerTime = time.GetElapsedTime(0, Interlocked.Read(ref _ticks)),
        MaxHandlerTime = time.GetElapsedTime(0, Volatile.Read(ref _maxTicks)),
    };
}
