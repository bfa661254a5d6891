using System.Buffers;
using Lifeline.Ipc.Protocol;
using Lifeline.Linux;

namespace Lifeline.Ipc.Sending;

/// <summary>An encoded record that waits to be sent, with descriptors of its own.</summary>
internal sealed class OutRecord
{
    private byte[]? _bytes;

    private OutRecord(RecordKind kind, ulong id, int length)
    {
        Kind = kind;
        Id = id;
        Length = length;
        _bytes = ArrayPool<byte>.Shared.Rent(length);
    }

    internal RecordKind Kind { get; }

    internal ulong Id { get; }

    internal int Length { get; }

    internal Descriptor[] Descriptors { get; private init; } = [];

    internal OutgoingObjects? Objects { get; private init; }

    /// <summary>How many of the tickets have been sent.</summary>
    internal int TicketsSent { get; set; }

    /// <summary>Whether sending it takes credit.</summary>
    internal bool NeedsCredit => Kind is RecordKind.Call or RecordKind.OneWay;

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    internal static OutRecord Of(in OutgoingParcel parcel)
    {
        Descriptor[] copies = parcel.Descriptors.Length == 0 ? [] : Array.ConvertAll(parcel.Descriptors, d => d.Duplicate());
        var record = new OutRecord(parcel.Header.Kind, parcel.Header.Id, parcel.Length) { Descriptors = copies, Objects = parcel.Objects };
        parcel.Write(record._bytes.AsSpan(0, record.Length));
        return record;
    }

    internal static OutRecord Of(RecordHeader header, ReadOnlySpan<byte> payload, params Descriptor[] descriptors)
    {
        header.DataLength = payload.Length;
        header.DescriptorCount = (ushort)descriptors.Length;
        var record = new OutRecord(header.Kind, header.Id, header.RecordLength) { Descriptors = descriptors };
        Span<byte> target = record._bytes.AsSpan(0, record.Length);
        header.Write(target);
        payload.CopyTo(target[RecordHeader.Size..]);
        return record;
    }

    /// <summary>A ticket, or why there is none.</summary>
    internal static OutRecord Of(OutgoingTicket ticket)
    {
        var header = new RecordHeader { Kind = RecordKind.Ticket, Id = ticket.Id };
        Span<byte> payload = stackalloc byte[TicketGrant.MaxSize];
        if (ticket.Grant.IsCompletedSuccessfully)
            return Of(header, payload[..ticket.Grant.Result.Write(payload)]);
        header.Status = (int)IpcError.DeadObject;
        string why = ticket.Grant.Exception?.GetBaseException().Message ?? "the request for the ticket was given up";
        return Of(header, Goodbye.Text(why));
    }

    /// <summary>Gives memory and descriptors back: sent, or never to be.</summary>
    internal void Drop()
    {
        if (_bytes is not { } bytes)
            return;
        _bytes = null;
        ArrayPool<byte>.Shared.Return(bytes);
        foreach (Descriptor descriptor in Descriptors)
            descriptor.Dispose();
    }
}
