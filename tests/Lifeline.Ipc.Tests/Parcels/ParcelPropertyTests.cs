using CsCheck;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelPropertyTests
{
    [Fact]
    public void A_parcel_does_exactly_what_its_model_does()
    {
        ParcelStep.Any.List[1, 60].Sample(
            steps =>
            {
                using var parcel = new Parcel();
                var model = new ParcelModel();
                foreach (ParcelStep step in steps)
                {
                    Assert.Equal(step.OnModel(model), step.Run(parcel));
                    AssertSame(model, parcel);
                }
            },
            iter: 1500,
            threads: 1,
            print: steps => string.Join(" · ", steps));
    }

    [Fact]
    public void What_is_written_is_read_back_in_the_same_order()
    {
        Gen<string> text = Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 50];
        Gen<Value> value = Gen.OneOf(
            Gen.SByte.Select(v => new Value(p => p.WriteInt8(v), p => p.ReadInt8(), v)),
            Gen.Short.Select(v => new Value(p => p.WriteInt16(v), p => p.ReadInt16(), v)),
            Gen.Int.Select(v => new Value(p => p.WriteInt32(v), p => p.ReadInt32(), v)),
            Gen.Long.Select(v => new Value(p => p.WriteInt64(v), p => p.ReadInt64(), v)),
            Gen.Byte.Select(v => new Value(p => p.WriteUInt8(v), p => p.ReadUInt8(), v)),
            Gen.UShort.Select(v => new Value(p => p.WriteUInt16(v), p => p.ReadUInt16(), v)),
            Gen.UInt.Select(v => new Value(p => p.WriteUInt32(v), p => p.ReadUInt32(), v)),
            Gen.ULong.Select(v => new Value(p => p.WriteUInt64(v), p => p.ReadUInt64(), v)),
            Gen.Single.Select(v => new Value(p => p.WriteSingle(v), p => p.ReadSingle(), v)),
            Gen.Double.Select(v => new Value(p => p.WriteDouble(v), p => p.ReadDouble(), v)),
            Gen.Bool.Select(v => new Value(p => p.WriteBoolean(v), p => p.ReadBoolean(), v)),
            text.Select(v => new Value(p => p.WriteString(v), p => p.ReadString(), v)),
            text.Null().Select(v => new Value(p => p.WriteNullableString(v), p => p.ReadNullableString(), v)),
            text.Select(v => new Value(p => p.WriteInterfaceToken("I" + v), p => p.ReadInterfaceToken(), "I" + v)),
            Gen.Byte.Array[0, 99].Select(v => new Value(p => p.WriteBytes(v), p => p.ReadBytes(), v)),
            Gen.Double.Array[0, 20].Select(v => new Value(p => p.WriteArray<double>(v), p => p.ReadArray<double>(), v)),
            Gen.Const(new Value(p => p.WriteNull(), p => p.ReadProxy(), null)));
        value.List[0, 100].Sample(
            values =>
            {
                using var parcel = new Parcel();
                foreach (Value v in values)
                    v.Write(parcel);
                using Parcel received = Faults.Received(parcel);
                foreach (Value v in values)
                    Assert.Equal(v.Expected, v.Read(received));
                Assert.Equal(0, received.ReadableBytes);
            },
            iter: 300,
            threads: 1);
    }

    [Fact]
    public void A_received_parcel_reads_like_the_one_that_was_sent()
    {
        Gen.Select(ParcelStep.Writes.List[0, 30], ParcelStep.Reads.List[0, 60]).Sample(
            (writes, reads) =>
            {
                using var sent = new Parcel();
                foreach (ParcelStep step in writes)
                    step.Run(sent);
                using Parcel received = Faults.Received(sent);
                Assert.Equal(sent.Data.ToArray(), received.Data.ToArray());
                foreach (ParcelStep step in reads)
                {
                    Assert.Equal(step.Run(sent), step.Run(received));
                    Assert.Equal(sent.ReadPosition, received.ReadPosition);
                }
            },
            iter: 500,
            threads: 1,
            print: t => $"{string.Join(" · ", t.Item1)} -> {string.Join(" · ", t.Item2)}");
    }

    [Fact]
    public void Whatever_arrives_a_read_returns_or_refuses()
    {
        Gen<ReceivedObject[]> table = Gen.Int[-30, 320].Array[0, 12].Select(
            offsets => offsets.Order().Select(o => new ReceivedObject(o, ParcelObjectKind.Null, null)).ToArray());
        Gen.Select(Garbage, table, ParcelStep.Reads.List[1, 40], Gen.Int[0, 40]).Sample(
            (data, objects, reads, start) =>
            {
                Parcel parcel;
                try
                {
                    parcel = Parcel.FromReceived(data, objects);
                }
                catch (ParcelException e)
                {
                    Assert.Equal(ParcelFault.InvalidObjectTable, e.Fault);
                    parcel = Parcel.FromReceived(data, []);
                }

                using (parcel)
                {
                    if (start <= parcel.DataSize)
                        parcel.RewindRead(start);
                    foreach (ParcelStep step in reads)
                    {
                        step.Run(parcel);
                        Assert.InRange(parcel.ReadPosition, 0, parcel.DataSize);
                    }
                }
            },
            iter: 5000,
            threads: 1,
            print: t => $"{Convert.ToHexString(t.Item1)} {string.Join(" · ", t.Item3)} from {t.Item4}");
    }

    // Bytes that are not only noise: counts, token headers and text are what the readers branch on.
    private static Gen<byte[]> Garbage { get; } = Gen.OneOf(
        Gen.Byte.Array[0, 16],
        Gen.Byte[0, 3].Array[4, 4],
        Gen.OneOf<byte[]>([0, 1, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0x61, 0x62, 0, 0], [0xc3, 0xa4, 0, 0], [0xed, 0xa0, 0x80, 0]))
        .List[0, 40].Select(parts => parts.SelectMany(p => p).ToArray());

    private static void AssertSame(ParcelModel model, Parcel parcel)
    {
        Assert.Equal(model.Bytes.Count, parcel.DataSize);
        Assert.Equal(model.Bytes.Count, parcel.WritePosition);
        Assert.Equal(model.Read, parcel.ReadPosition);
        Assert.Equal(model.Writable, parcel.WritableBytes);
        Assert.Equal(model.Readable, parcel.ReadableBytes);
        Assert.True(parcel.Data.SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(model.Bytes)), "The data differ.");
        Assert.Equal(model.Objects, parcel.Objects.Select(o => o.Offset));
    }

    private sealed record Value(Action<Parcel> Write, Func<Parcel, object?> Read, object? Expected);
}
