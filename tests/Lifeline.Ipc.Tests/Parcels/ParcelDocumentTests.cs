using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Parcels;

/// <summary>docs/protocol/parcel.md says what the parcel does.</summary>
public partial class ParcelDocumentTests
{
    private static readonly Dictionary<string, Action<Parcel>> Statements = new List<(string Code, Action<Parcel> Run)>
    {
        Statement(parcel => parcel.WriteInt8(-2)),
        Statement(parcel => parcel.WriteUInt16(0xfffd)),
        Statement(parcel => parcel.WriteInt64(0x0102030405060708)),
        Statement(parcel => parcel.WriteBoolean(true)),
        Statement(parcel => parcel.WriteString("Füße")),
        Statement(parcel => parcel.WriteNullableString(null)),
        Statement(parcel => parcel.WriteBytes([1, 2, 3, 4, 5])),
        Statement(parcel => parcel.WriteArray<short>([1, -1, 2])),
        Statement(parcel => parcel.WriteInterfaceToken("hello, world!")),
        Statement(parcel => parcel.WriteInt32(7)),
        Statement(parcel => parcel.WriteNull()),
        Statement(parcel => parcel.WriteInt32(8)),
    }.ToDictionary(s => s.Code, s => s.Run);

    [Fact]
    public void Each_example_writes_the_bytes_that_stand_below_it()
    {
        MatchCollection examples = Example().Matches(ReadPage());
        Assert.Equal(["values", "token", "null"], examples.Select(e => e.Groups["name"].Value));
        foreach (Match example in examples)
        {
            using var parcel = new Parcel();
            foreach (string line in Lines(example.Groups["code"].Value))
            {
                Assert.True(Statements.TryGetValue(line, out Action<Parcel>? run), $"The test does not know the line: {line}");
                run(parcel);
            }

            Assert.Equal(ParseHex(example.Groups["hex"].Value), Convert.ToHexStringLower(parcel.Data));
        }
    }

    [Theory]
    [InlineData("Parcel.MaxDataSize", Parcel.MaxDataSize)]
    [InlineData("Parcel.MaxObjects", Parcel.MaxObjects)]
    [InlineData("Parcel.MaxDescriptors", Parcel.MaxDescriptors)]
    [InlineData("Parcel.MaxTokenBytes", Parcel.MaxTokenBytes)]
    [InlineData("ParcelableExtensions.MaxListLength", ParcelableExtensions.MaxListLength)]
    [InlineData("ParcelableExtensions.MaxNesting", ParcelableExtensions.MaxNesting)]
    [InlineData("ParcelErrors.MaxMessageBytes", ParcelErrors.MaxMessageBytes)]
    public void Each_limit_has_the_value_of_its_constant(string name, int value)
    {
        Assert.Contains($"| {value.ToString(CultureInfo.InvariantCulture)} | `{name}` |", ReadPage(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", (int)ParcelObjectKind.Null)]
    [InlineData("stub", (int)ParcelObjectKind.Stub)]
    [InlineData("proxy", (int)ParcelObjectKind.Proxy)]
    [InlineData("descriptor", (int)ParcelObjectKind.Descriptor)]
    public void Each_kind_of_object_has_its_number(string name, int number)
    {
        Assert.Contains($"| {name} | {number} |", ReadPage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_method_named_on_the_page_exists()
    {
        foreach (Match method in Method().Matches(ReadPage()))
        {
            string name = method.Groups[1].Value;
            Type[] types = [typeof(Parcel), typeof(ParcelableExtensions), typeof(ParcelLists), typeof(ParcelErrors)];
            bool exists = types.SelectMany(t => t.GetMethods()).Any(m => m.Name == name);
            Assert.True(exists, $"The page names {name}, which is no method of a parcel.");
        }
    }

    private static (string Code, Action<Parcel> Run) Statement(Action<Parcel> run, [CallerArgumentExpression(nameof(run))] string code = "") =>
        (code["parcel => ".Length..] + ";", run);

    private static IEnumerable<string> Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string ParseHex(string dump)
    {
        string bytes = "";
        foreach (string line in Lines(dump))
        {
            string[] parts = line.Split(';')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(bytes.Length / 2, int.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            bytes += string.Concat(parts[1..]);
        }

        return bytes;
    }

    private static string ReadPage() => Pages.Read("docs/protocol/parcel.md");

    [GeneratedRegex("<!-- example: (?<name>\\w+) -->\\s*```csharp\\n(?<code>.*?)```\\s*```hex\\n(?<hex>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex("`((?:Write|Read|Rewind)[A-Z]\\w*|Append)`")]
    private static partial Regex Method();
}
