using System.Collections.Concurrent;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>Numbered messages, as they came in: each whole, none left out, none twice.</summary>
internal sealed class Deliveries
{
    private readonly ConcurrentDictionary<int, int> _next = [];
    private readonly ConcurrentQueue<string> _wrong = [];
    private long _total;

    internal IReadOnlyCollection<string> Wrong => _wrong;

    internal long Total => Interlocked.Read(ref _total);

    /// <summary>How many messages of a stream came.</summary>
    internal int Of(int stream) => _next.GetValueOrDefault(stream);

    /// <summary>int32 stream, int32 number, bytes that follow from the number.</summary>
    internal void Take(Parcel data)
    {
        int stream = data.ReadInt32();
        int number = data.ReadInt32();
        ReadOnlySpan<byte> contents = data.ReadBytesInPlace();
        int expected = _next.GetValueOrDefault(stream);
        if (number != expected)
            _wrong.Enqueue($"message {number} of stream {stream} came where {expected} was due");
        for (int i = 0; i < contents.Length; i++)
        {
            if (contents[i] == (byte)((number * 31) + i))
                continue;
            _wrong.Enqueue($"byte {i} of the {contents.Length} of message {number} of stream {stream} is {contents[i]}");
            break;
        }

        // The messages of one session come one after the other.
        _next[stream] = number + 1;
        Interlocked.Increment(ref _total);
    }
}
