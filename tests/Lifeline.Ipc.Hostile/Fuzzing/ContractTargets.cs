using Lifeline.Contracts;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>What monitor and monitored say to each other.</summary>
internal static class ContractTargets
{
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("status", 9000, input => StatusCodec.TryDecode(input, out _, out _), StatusSeeds),
        new("slot", StatusSlot.Size, Slot, SlotSeeds),
        new("contracts", 4096, Call, CallSeeds),
    ];

    private static StatusReport Report() => new()
    {
        Health = ServiceHealth.Degraded,
        Code = 7,
        Text = "half of it",
        Fields = new Dictionary<string, StatusValue> { ["queue"] = 12L, ["name"] = "x" },
    };

    private static IEnumerable<byte[]> StatusSeeds()
    {
        byte[] buffer = new byte[StatusLimits.MaxEncodedBytes];
        yield return buffer[..StatusCodec.Encode(Report(), buffer)];
        yield return buffer[..StatusCodec.Encode(new StatusReport { Health = ServiceHealth.Healthy }, buffer)];
    }

    private static void Slot(ReadOnlySpan<byte> input)
    {
        byte[] slot = new byte[StatusSlot.Size];
        input[..Math.Min(input.Length, slot.Length)].CopyTo(slot);
        StatusSlot.TryRead(slot, out _, out _);
    }

    private static IEnumerable<byte[]> SlotSeeds()
    {
        byte[] slot = new byte[StatusSlot.Size];
        StatusSlot.Initialize(slot, 3);
        yield return slot[..512];
    }

    /// <summary>First byte: which request or answer.</summary>
    private static void Call(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return;
        using var parcel = Parcel.FromReceived(bytes[1..], []);
        switch (bytes[0] % 10)
        {
            case 0: RequestCodec.ReadRegistration(parcel); break;
            case 1: RequestCodec.ReadClaim(parcel); break;
            case 2: RequestCodec.ReadReport(parcel); break;
            case 3: RequestCodec.ReadKill(parcel); break;
            case 4: AnswerCodec.ReadRegistration(parcel); break;
            case 5: AnswerCodec.ReadReload(parcel); break;
            case 6: AnswerCodec.ReadInfo(parcel); break;
            case 7: EventCodec.ReadPage(parcel); break;
            case 8: LogCodec.ReadChunk(parcel); break;
            default: EventCodec.ReadQuery(parcel); break;
        }
    }

    private static IEnumerable<byte[]> CallSeeds()
    {
        for (byte which = 0; which < 10; which++)
        {
            using var parcel = new Parcel();
            parcel.WriteInt32(1);
            parcel.WriteString("name");
            parcel.WriteInt32(2);
            parcel.WriteString("text");
            parcel.WriteInt64(3);
            yield return [which, .. parcel.Data];
        }
    }
}
