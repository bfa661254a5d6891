using Lifeline.Ipc.Calls;
using Lifeline.Linux;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>What stands in parcels, and what the kit itself reads from them.</summary>
internal static class ParcelTargets
{
    private static readonly DelegateStub s_stub = new("lifeline.fuzz.IStub", (_, _, _, _) => ValueTask.CompletedTask);
    private static IpcRegistry s_registry = new();
    private static int s_registryUses;

    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("parcel", 2048, Read, Seeds),
        new("registry", 512, AskRegistry, RegistrySeeds),
    ];

    /// <summary>A script of reads (first byte: its length), offsets of objects (next byte: how many), then the data.</summary>
    private static void Read(ReadOnlySpan<byte> bytes)
    {
        var input = new FuzzInput(bytes);
        ReadOnlySpan<byte> script = input.Take(input.Byte());
        using Descriptor memory = MemoryFile.Create("fuzz", 4096);
        using Parcel parcel = Load(ref input, memory);
        foreach (byte step in script)
        {
            try
            {
                Step(parcel, step);
            }
            catch (IpcException)
            {
                // The next read goes on from where this one began.
            }
        }
    }

    /// <summary>A received parcel: byte count of objects, for each an offset (in fours) and a kind, then the data.</summary>
    private static Parcel Load(ref FuzzInput input, Descriptor memory)
    {
        var objects = new ReceivedObject[input.Byte() & 15];
        for (int i = 0; i < objects.Length; i++)
        {
            int offset = (sbyte)input.Byte() * 4;
            byte kind = input.Byte();
            objects[i] = (kind & 3) switch
            {
                0 => new ReceivedObject(offset, ParcelObjectKind.Null, null),
                1 => new ReceivedObject(offset, ParcelObjectKind.Stub, s_stub),
                _ => new ReceivedObject(offset, ParcelObjectKind.Descriptor, memory.Duplicate()),
            };
        }

        try
        {
            return Parcel.FromReceived(input.Rest, objects);
        }
        catch (IpcException)
        {
            foreach (ReceivedObject left in objects)
                (left.Payload as IDisposable)?.Dispose();
            throw;
        }
    }

    private static void Step(Parcel parcel, byte step)
    {
        switch (step % 30)
        {
            case 0: parcel.ReadInt8(); break;
            case 1: parcel.ReadInt16(); break;
            case 2: parcel.ReadInt32(); break;
            case 3: parcel.ReadInt64(); break;
            case 4: parcel.ReadUInt8(); break;
            case 5: parcel.ReadUInt64(); break;
            case 6: parcel.ReadDouble(); break;
            case 7: parcel.ReadBoolean(); break;
            case 8: parcel.ReadString(); break;
            case 9: _ = parcel.ReadUtf8String().Length; break;
            case 10: parcel.ReadNullableString(); break;
            case 11: parcel.ReadInterfaceToken(); break;
            case 12: parcel.EnforceInterface("lifeline.IRegistry"); break;
            case 13: _ = parcel.ReadBuffer(step).Length; break;
            case 14: parcel.ReadBytes(); break;
            case 15: Touch(parcel.ReadBytesInPlace()); break;
            case 16: parcel.ReadArray<long>(); break;
            case 17: parcel.ReadArray<byte>(); break;
            case 18: parcel.ReadArray(stackalloc int[8]); break;
            case 19: parcel.ReadProxy()?.Dispose(); break;
            case 20: parcel.ReadStub(); break;
            case 21: parcel.ReadDescriptor().Dispose(); break;
            case 22: parcel.ReadRawData(parcel.PeekRawDataSize()).Dispose(); break;
            case 23: parcel.ReadParcelable<SharedBlock>().Dispose(); break;
            case 24: parcel.ReadParcelable<SharedStream>().Dispose(); break;
            case 25: parcel.ReadParcelables<SharedBlock>(); break;
            case 26: parcel.RewindRead(step & ~3); break;
            case 27: parcel.ReadSingle(); break;
            case 28: parcel.ReadArray<double>(); break;
            default: parcel.ReadUInt16(); break;
        }
    }

    private static void Touch(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 0)
            _ = bytes[0] + bytes[^1];
    }

    private static IEnumerable<byte[]> Seeds()
    {
        var random = new Random(1);
        for (int i = 0; i < 12; i++)
        {
            using var parcel = new Parcel();
            parcel.WriteInterfaceToken("lifeline.IRegistry");
            parcel.WriteString("text");
            parcel.WriteArray([1, 2, 3]);
            parcel.WriteBytes([1, 2, 3, 4, 5]);
            parcel.WriteRawData(new byte[10]);
            parcel.WriteNullableString(null);
            parcel.WriteInt64(long.MaxValue);
            byte[] script = [12, 8, 17, 14, 22, 10, 3, .. Enumerable.Range(0, i).Select(_ => (byte)random.Next(30))];
            yield return [(byte)script.Length, .. script, 0, .. parcel.Data];
        }

        // Objects: a null, a stub, two descriptors with the size of a block behind.
        yield return [8, 19, 20, 23, 21, 24, 25, 26, 2, 4, 0, 0, 6, 1, 12, 2, 19, 2, .. new byte[72], 0, 16, 0, 0, .. new byte[48]];
    }

    /// <summary>First byte: the code. Then a parcel as above.</summary>
    private static void AskRegistry(ReadOnlySpan<byte> bytes)
    {
        var input = new FuzzInput(bytes);
        uint code = (uint)(input.Byte() % 9);
        if (++s_registryUses % 1000 == 0)
            s_registry = new IpcRegistry();
        using Descriptor memory = MemoryFile.Create("fuzz", 16);
        using Parcel data = Load(ref input, memory);
        using var reply = new Parcel();
        var context = new CallContext(CallerIdentity.Self, null, isOneWay: false, 0);
        ValueTask handling = s_registry.OnRequestAsync(code, data, reply, context);
        context.Cancel();
        try
        {
            handling.AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // It waited for a name.
        }
    }

    private static IEnumerable<byte[]> RegistrySeeds()
    {
        for (byte code = 1; code <= 6; code++)
        {
            using var parcel = new Parcel();
            parcel.WriteInterfaceToken("lifeline.IRegistry");
            parcel.WriteString("some.name");
            int at = parcel.DataSize;
            if (code == 1)
                parcel.WriteNull();
            else if (code == 4)
                parcel.WriteInt64(1000);
            yield return code == 1 ? [code, 1, (byte)(at / 4), 1, .. parcel.Data] : [code, 0, .. parcel.Data];
        }
    }
}
