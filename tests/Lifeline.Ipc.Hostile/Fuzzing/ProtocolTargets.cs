using Lifeline.Ipc.Hostile.Peers;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Hostile.Fuzzing;

/// <summary>What stands in records.</summary>
internal static class ProtocolTargets
{
    internal static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("record", 4096, Record, () => Records()),
        new("hello", 256, input => Hello.Read(input), () => [HelloBytes(0), HelloBytes(Hello.RingsFeature), HelloBytes(Hello.LifeFeature), HelloBytes(Hello.RingsFeature | Hello.LifeFeature)]),
        new("goodbye", 8192, input => Use(Goodbye.ReadText(input)), () => [FuzzTarget.Text("no reason"), Goodbye.Text(new string('ä', 5000))]),
        new("ticket", 8192, input => Use(TicketGrant.Read(input).Address), () => [Grant("@somebody"), Grant("/run/" + new string('x', 200))]),
    ];

    internal static IEnumerable<byte[]> Records()
    {
        var random = new Random(1);
        for (int i = 0; i < 24; i++)
            yield return Mutations.Record(random);
    }

    private static void Record(ReadOnlySpan<byte> input)
    {
        // The kernel, not the record, says how many descriptors came: as many as the record says, so that the rest is looked at too.
        int descriptors = input.Length >= RecordHeader.Size ? input[48] | (input[49] << 8) : 0;
        var header = RecordHeader.Read(input, descriptors);
        (int Offset, WireObject Object)[] table = ObjectTable.Read(header, input);
        int length = ObjectTable.Data(header, input).Length;
        if (table.Any(o => o.Offset < 0 || o.Offset > length - 24))
            throw new InvalidOperationException("an object beyond the data was accepted");
        var again = new byte[RecordHeader.Size];
        header.Write(again);
    }

    private static byte[] HelloBytes(uint features)
    {
        byte[] bytes = new byte[Hello.Size];
        int length = new Hello(1, 1, features, Guid.Empty, 100, 4 << 20, true, 65_536).Write(bytes);
        return bytes[..length];
    }

    private static byte[] Grant(string address)
    {
        byte[] bytes = new byte[TicketGrant.MaxSize];
        int length = new TicketGrant(Guid.Empty, Guid.Empty, 1, 2, 3, address).Write(bytes);
        return bytes[..length];
    }

    private static void Use(string text)
    {
        if (text.Length > 2 * 4096)
            throw new InvalidOperationException($"a text of {text.Length} characters was accepted");
    }
}
