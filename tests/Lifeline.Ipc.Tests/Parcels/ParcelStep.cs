using System.Globalization;
using CsCheck;

namespace Lifeline.Ipc.Tests.Parcels;

/// <summary>One operation, on a parcel and on its model. Both give their outcome as text.</summary>
internal sealed record ParcelStep(string Name, Func<Parcel, string> OnParcel, Func<ParcelModel, string> OnModel)
{
    private static readonly Gen<string> Text = Gen.Frequency(
        (6, Gen.OneOf("", "a", "abc", "abcd", "Füße", "日本語", "😀", "\ud800", "x\0y", "\udc00\ud800", "\ufeff")),
        (3, Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 40]),
        (1, Gen.Int[5_000, 70_000].Select(n => new string('€', n))));

    private static readonly Gen<byte[]> Buffer = Gen.Frequency(
        (9, Gen.Byte.Array[0, 70]),
        (1, Gen.Int[1_000, 120_000].Select(n => new byte[n])));

    internal static readonly Gen<ParcelStep> Writes = Gen.OneOf(
        Gen.SByte.Select(v => Wrote($"WriteInt8({v})", p => p.WriteInt8(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.Short.Select(v => Wrote($"WriteInt16({v})", p => p.WriteInt16(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.Int.Select(v => Wrote($"WriteInt32({v})", p => p.WriteInt32(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.Int[-2, 40].Select(v => Wrote($"WriteInt32({v})", p => p.WriteInt32(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.Long.Select(v => Wrote($"WriteInt64({v})", p => p.WriteInt64(v), m => m.Write(BitConverter.GetBytes(v)))),
        Gen.Byte.Select(v => Wrote($"WriteUInt8({v})", p => p.WriteUInt8(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.UShort.Select(v => Wrote($"WriteUInt16({v})", p => p.WriteUInt16(v), m => m.Write(ParcelModel.Int(v)))),
        Gen.UInt.Select(v => Wrote($"WriteUInt32({v})", p => p.WriteUInt32(v), m => m.Write(BitConverter.GetBytes(v)))),
        Gen.ULong.Select(v => Wrote($"WriteUInt64({v})", p => p.WriteUInt64(v), m => m.Write(BitConverter.GetBytes(v)))),
        Gen.Single.Select(v => Wrote("WriteSingle", p => p.WriteSingle(v), m => m.Write(BitConverter.GetBytes(v)))),
        Gen.Double.Select(v => Wrote("WriteDouble", p => p.WriteDouble(v), m => m.Write(BitConverter.GetBytes(v)))),
        Gen.Bool.Select(v => Wrote($"WriteBoolean({v})", p => p.WriteBoolean(v), m => m.Write(ParcelModel.Int(v ? 1 : 0)))),
        Text.Select(v => Wrote($"WriteString[{v.Length}]", p => p.WriteString(v), m => m.WriteText(v, false))),
        Text.Select(v => Wrote($"WriteNullableString[{v.Length}]", p => p.WriteNullableString(v), m => m.WriteText(v, true))),
        Gen.Const(Wrote("WriteNullableString(null)", p => p.WriteNullableString(null), m => m.Write(ParcelModel.Int(0)))),
        Text.Select(v => Wrote($"WriteInterfaceToken[{v.Length}]", p => p.WriteInterfaceToken(v), m => m.WriteToken(v))),
        Buffer.Select(v => Wrote($"WriteBuffer[{v.Length}]", p => p.WriteBuffer(v), m => m.Write(v))),
        Buffer.Select(v => Wrote($"WriteBytes[{v.Length}]", p => p.WriteBytes(v), m => m.Write([.. ParcelModel.Int(v.Length), .. v]))),
        Gen.Short.Array[0, 30].Select(v => Wrote($"WriteArray[{v.Length}]", p => p.WriteArray<short>(v), m => m.Write([.. ParcelModel.Int(v.Length), .. v.SelectMany(BitConverter.GetBytes)]))),
        Gen.Const(Wrote("WriteNull", p => p.WriteNull(), m => m.WriteNull())));

    internal static readonly Gen<ParcelStep> Reads = Gen.Frequency(
        (8, Gen.OneOf(
            new ParcelStep("ReadInt8", p => Low(p.ReadInt8()), m => Cut(m.ReadRaw(4), 2)),
            new ParcelStep("ReadInt16", p => Hex(BitConverter.GetBytes(p.ReadInt16())), m => Cut(m.ReadRaw(4), 4)),
            new ParcelStep("ReadInt32", p => Hex(BitConverter.GetBytes(p.ReadInt32())), m => m.ReadRaw(4)),
            new ParcelStep("ReadInt64", p => Hex(BitConverter.GetBytes(p.ReadInt64())), m => m.ReadRaw(8)),
            new ParcelStep("ReadUInt64", p => Hex(BitConverter.GetBytes(p.ReadUInt64())), m => m.ReadRaw(8)),
            new ParcelStep("ReadString", p => Quote(p.ReadString()), m => m.ReadText(false)),
            new ParcelStep("ReadNullableString", p => Quote(p.ReadNullableString()), m => m.ReadText(true)),
            new ParcelStep("ReadInterfaceToken", p => Quote(p.ReadInterfaceToken()), m => m.ReadToken()),
            new ParcelStep("ReadBytes", p => Hex(p.ReadBytes()), m => m.ReadCounted(1)),
            new ParcelStep("ReadBytesInPlace", p => Hex(p.ReadBytesInPlace()), m => m.ReadCounted(1)),
            new ParcelStep("ReadArray", p => Hex(p.ReadArray<short>().SelectMany(BitConverter.GetBytes).ToArray()), m => m.ReadCounted(2)),
            new ParcelStep("ReadProxy", p => p.ReadProxy() is null ? "null" : "proxy", m => m.ReadObject()),
            new ParcelStep("ReadStub", p => p.ReadStub() is null ? "null" : "stub", m => m.ReadObject()))),
        (1, Gen.Int[0, 60].Select(n => new ParcelStep($"ReadBuffer({n})", p => Hex(p.ReadBuffer(n)), m => m.ReadRaw(n)))));

    internal static readonly Gen<ParcelStep> Moves = Gen.OneOf(
        Gen.Int[-1, 101].Select(n => Wrote($"RewindRead({n}%)", p => p.RewindRead(At(n, p.DataSize)), m => m.RewindRead(At(n, m.Bytes.Count)))),
        Gen.Int[-1, 101].Select(n => Wrote($"RewindWrite({n}%)", p => p.RewindWrite(At(n, p.DataSize)), m => m.RewindWrite(At(n, m.Bytes.Count)))),
        Gen.Const(Wrote("RewindRead(0)", p => p.RewindRead(0), m => m.RewindRead(0))),
        Gen.Const(Wrote("Append(itself)", p => p.Append(p), m => m.Append(m))),
        Writes.List[0, 5].Select(AppendOther),
        Gen.Frequency((1, Gen.Const(Wrote("Reset", p => p.Reset(), m => m.Reset()))), (9, Gen.Const(Wrote("RewindRead(0)", p => p.RewindRead(0), m => m.RewindRead(0))))));

    internal static readonly Gen<ParcelStep> Any = Gen.Frequency((5, Writes), (5, Reads), (2, Moves));

    /// <summary>The outcome on a parcel: the value, "ok", or why it was refused.</summary>
    internal string Run(Parcel parcel)
    {
        try
        {
            return OnParcel(parcel);
        }
        catch (ParcelException e)
        {
            return e.Fault.ToString();
        }
    }

    public override string ToString() => Name;

    private static ParcelStep Wrote(string name, Action<Parcel> onParcel, Func<ParcelModel, string> onModel) =>
        new(name, p => { onParcel(p); return "ok"; }, onModel);

    private static ParcelStep AppendOther(List<ParcelStep> steps) => Wrote(
        $"Append({string.Join(' ', steps)})",
        p =>
        {
            using var other = new Parcel();
            foreach (ParcelStep step in steps)
                step.Run(other);
            p.Append(other);
        },
        m =>
        {
            var other = new ParcelModel();
            foreach (ParcelStep step in steps)
                step.OnModel(other);
            return m.Append(other);
        });

    private static int At(int percent, int size) => percent > 100 ? size + 1 : percent < 0 ? -1 : (int)((long)size * percent / 100);

    private static string Low(sbyte value) => ((byte)value).ToString("X2", CultureInfo.InvariantCulture);

    private static string Cut(string hex, int digits) => hex.Length == 8 ? hex[..digits] : hex;

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexString(bytes);

    private static string Quote(string? text) => text is null ? "null" : "\"" + text + "\"";
}
