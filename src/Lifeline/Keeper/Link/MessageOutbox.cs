using Lifeline.Linux;

namespace Lifeline.Keeper;

/// <summary>
/// Messages that wait because their receiver does not read just now. Owns duplicates of the attached descriptors. Not
/// thread-safe.
/// </summary>
internal sealed class MessageOutbox : IDisposable
{
    private readonly Queue<(byte[] Frame, Descriptor[] Attached)> waiting = new();

    public int Count => waiting.Count;

    public void Add(ReadOnlySpan<byte> frame, params ReadOnlySpan<Descriptor> attached)
    {
        Descriptor[] owned = attached.IsEmpty ? [] : new Descriptor[attached.Length];
        for (int i = 0; i < owned.Length; i++) owned[i] = attached[i].Duplicate();
        waiting.Enqueue((frame.ToArray(), owned));
    }

    /// <summary>Sends from the front until the socket takes no more.</summary>
    public void Flush(UnixSocket socket)
    {
        while (waiting.TryPeek(out (byte[] Frame, Descriptor[] Attached) first))
        {
            if (socket.Send(first.Frame, first.Attached, wait: false) < 0) return;
            waiting.Dequeue();
            foreach (Descriptor descriptor in first.Attached) descriptor.Dispose();
        }
    }

    /// <summary>Appends everything that waits here to another.</summary>
    public void MoveTo(MessageOutbox other)
    {
        while (waiting.TryDequeue(out (byte[] Frame, Descriptor[] Attached) first)) other.waiting.Enqueue(first);
    }

    public void Clear()
    {
        while (waiting.TryDequeue(out (byte[] Frame, Descriptor[] Attached) first))
        {
            foreach (Descriptor descriptor in first.Attached) descriptor.Dispose();
        }
    }

    public void Dispose() => Clear();
}
