using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Diagnostics;

/// <summary>
/// What went through one session. Each side is written by one thread at a time (who receives, under the receive gate; who sends, under the send
/// gate) and has its own lines in the cache, so a plain increment does; readers see values that may be a moment old.
/// </summary>
internal sealed class SessionCounters
{
    internal Side Received;

    internal Side Sent;

    /// <summary>Calls answered with an error. Any worker; rare.</summary>
    internal long Failed;

    /// <summary>Requests refused by the permissions of a stub. Any worker; rare.</summary>
    internal long Refused;

    /// <summary>Counts a record that arrived.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteReceived(RecordKind kind, int length) => Received.Note(kind, length);

    /// <summary>Counts a record that was handed to the transport.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void NoteSent(RecordKind kind, int length) => Sent.Note(kind, length);

    [StructLayout(LayoutKind.Sequential, Size = 128)]
    internal struct Side
    {
        internal long Bytes;
        internal long Records;
        internal long Calls;
        internal long OneWays;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Note(RecordKind kind, int length)
        {
            Bytes += length;
            Records++;
            if (kind == RecordKind.OneWay)
                OneWays++;
            else if (kind == RecordKind.Call)
                Calls++;
        }
    }
}
