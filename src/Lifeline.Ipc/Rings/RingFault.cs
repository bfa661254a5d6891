using System.Diagnostics.CodeAnalysis;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Rings;

/// <summary>What a peer may have written into the shared words. In methods of their own: text that is put together costs those who read records more than all the checks.</summary>
internal static class RingFault
{
    [DoesNotReturn]
    internal static void Size(uint low, int offset, int bytes, ulong seen) =>
        throw new ProtocolViolationException($"a record of {low} bytes at {offset} in a ring of {bytes} with {seen} bytes in it");

    [DoesNotReturn]
    internal static void SecondGap(uint low) => throw new ProtocolViolationException($"two gaps in a row, the second one of {low} bytes");

    [DoesNotReturn]
    internal static void Kind(RingRecord kind) => throw new ProtocolViolationException($"something of the unknown kind {(uint)kind} in the ring");

    [DoesNotReturn]
    internal static void Length(RingRecord kind, uint low)
    {
        if (kind == RingRecord.Look)
            throw new ProtocolViolationException($"the doorbell of another session with {low} bytes");
        if (low > RecordHeader.MaxRecordSize || !ShortRecord.IsShort(kind))
            throw new ProtocolViolationException($"a record of {low} bytes; {RecordHeader.MaxRecordSize} are allowed");
        int prefix = ShortRecord.Prefix(kind);
        throw new ProtocolViolationException($"a short record of {low} bytes; {prefix} to {Parcel.MaxDataSize + prefix} are allowed");
    }

    [DoesNotReturn]
    internal static void Tail(ulong tail, ulong taken, int bytes) =>
        throw new ProtocolViolationException($"the ring's tail is {tail}; {taken} bytes were taken and {bytes} fit");

    [DoesNotReturn]
    internal static void Head(ulong head, ulong before, ulong sent) =>
        throw new ProtocolViolationException($"the ring's head is {head}; it was {before} and {sent} bytes were sent");

    [DoesNotReturn]
    internal static void Credit(ulong messages, ulong bytes, ulong messagesBefore, ulong bytesBefore) =>
        throw new ProtocolViolationException($"credit for {messages} messages and {bytes} bytes in all, after {messagesBefore} and {bytesBefore}");
}
