using System.Buffers.Binary;
using System.Text;

namespace Lifeline.Tests.Http.Otlp;

/// <summary>A protobuf message taken apart, without knowing what it means.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public ProtobufMessage(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tag = ReadVarint(bytes, ref at);
            var (field, type) = ((int)(tag >> 3), (int)(tag & 7));
            switch (type)
            {
                case 0:
                    _fields.Add((field, ReadVarint(bytes, ref at), []));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)), []));
                    at += 8;
                    break;
                case 2:
                    var length = (int)ReadVarint(bytes, ref at);
                    _fields.Add((field, 0, bytes[at..(at + length)]));
                    at += length;
                    break;
                default:
                    Assert.Fail($"type {type} at {at}");
                    break;
            }
        }
    }

    public IEnumerable<int> Fields => _fields.Select(f => f.Field).Distinct().Order();

    public ProtobufMessage this[int field] => Assert.Single(All(field));

    public IReadOnlyList<ProtobufMessage> All(int field) => [.. _fields.Where(f => f.Field == field).Select(f => new ProtobufMessage(f.Bytes))];

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public ulong Number(int field) => Assert.Single(_fields, f => f.Field == field).Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public ulong[] Packed(int field) => [.. Bytes(field).Chunk(8).Select(chunk => BinaryPrimitives.ReadUInt64LittleEndian(chunk))];

    /// <summary>KeyValue messages whose values are strings.</summary>
    public IReadOnlyDictionary<string, string> Attributes(int field) => All(field).ToDictionary(a => a.Text(1), a => a[2].Text(1));

    private byte[] Bytes(int field) => Assert.Single(_fields, f => f.Field == field).Bytes;

    private static ulong ReadVarint(byte[] bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            value |= (ulong)(bytes[at] & 0x7F) << shift;
            if (bytes[at++] < 0x80)
                return value;
        }
    }
}
