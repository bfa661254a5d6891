using System.Text;

namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelTextTests
{
    // As units: a lone surrogate does not survive in an attribute's string.
    public static TheoryData<char[], int> BadText => new()
    {
        { ['a', '\0', 'b'], 1 },
        { ['a', '\ud800'], 1 },
        { ['\udc00'], 0 },
        { ['\ud83d', '\ude00', '\ud83d', 'x'], 2 },
    };

    [Theory]
    [InlineData("", 4)]
    [InlineData("abc", 4)]
    [InlineData("abcd", 8)]
    [InlineData("ä😀", 8)]
    public void A_string_is_its_utf8_a_nul_and_padding(string value, int size)
    {
        using var parcel = new Parcel();
        parcel.WriteString(value);
        parcel.WriteInt32(5);

        Assert.Equal(size + 4, parcel.DataSize);
        Assert.Equal(value, parcel.ReadString());
        Assert.Equal(5, parcel.ReadInt32());
        parcel.RewindRead(0);
        Assert.Equal(value, Encoding.UTF8.GetString(parcel.ReadUtf8String()));
        Assert.Equal(5, parcel.ReadInt32());
    }

    [Theory]
    [InlineData(204_799, true)]
    [InlineData(204_800, false)]
    public void A_string_of_up_to_204799_bytes_fits(int length, bool fits)
    {
        using var parcel = new Parcel();
        string value = new('x', length);
        byte[] utf8 = Encoding.UTF8.GetBytes(value);

        if (!fits)
        {
            Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteString(value));
            Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteUtf8String(utf8));
            return;
        }

        parcel.WriteString(value);
        Assert.Equal(value, parcel.ReadString());
        parcel.Reset();
        parcel.WriteUtf8String(utf8);
        Assert.Equal(value, parcel.ReadString());
    }

    [Fact]
    public void A_long_string_of_wide_characters_is_measured_in_bytes()
    {
        using var parcel = new Parcel();

        parcel.WriteString(new string('€', 68_266));
        Assert.Equal(204_800, parcel.DataSize);
        parcel.Reset();
        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteString(new string('€', 68_267)));
    }

    [Theory]
    [MemberData(nameof(BadText))]
    public void Text_that_would_not_survive_is_not_written(char[] units, int index)
    {
        string value = new(units);
        using var parcel = new Parcel();

        var refusal = Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteString(value));
        Assert.Equal(index, refusal.Value);
        Assert.Equal(IpcError.ParcelWrite, refusal.Error);
        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteNullableString(value));
        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteInterfaceToken(value));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_not_written_as_a_string()
    {
        using var parcel = new Parcel();

        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteUtf8String([0x61, 0]));
        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.WriteUtf8String([0xff]));
    }

    [Theory]
    [InlineData(new byte[] { 0xff, 0, 0, 0 })]
    [InlineData(new byte[] { 0xc0, 0x80, 0, 0 })]
    [InlineData(new byte[] { 0xed, 0xa0, 0x80, 0 })]
    [InlineData(new byte[] { 0xe2, 0x82, 0, 0 })]
    [InlineData(new byte[] { 0x61, 0x62, 0x63, 0x64 })]
    public void Received_bytes_that_are_no_utf8_or_do_not_end_are_not_read(byte[] data)
    {
        using var parcel = Parcel.FromReceived(data, []);

        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.ReadString());
        Faults.Refused(parcel, ParcelFault.InvalidText, p => p.ReadUtf8String());
    }

    [Fact]
    public void An_empty_parcel_has_no_string()
    {
        using var parcel = new Parcel();

        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadString());
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadNullableString());
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadInterfaceToken());
        Assert.Throws<ArgumentNullException>(() => parcel.WriteString(null!));
        Assert.Throws<ArgumentNullException>(() => parcel.WriteInterfaceToken(null!));
    }

    [Fact]
    public void A_nullable_string_is_a_truth_value_and_the_string()
    {
        using var parcel = new Parcel();
        parcel.WriteNullableString(null);
        parcel.WriteNullableString("");
        parcel.WriteNullableString("hey");
        Assert.Equal("00000000" + "01000000" + "00000000" + "01000000" + "68657900", Convert.ToHexString(parcel.Data));

        Assert.Null(parcel.ReadNullableString());
        Assert.Equal("", parcel.ReadNullableString());
        Assert.Equal("hey", parcel.ReadNullableString());
    }

    [Fact]
    public void A_nullable_string_without_the_string_leaves_the_cursor()
    {
        using var parcel = new Parcel();
        parcel.WriteBoolean(true);

        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadNullableString());
    }

    [Fact]
    public void The_token_hello_world_takes_forty_bytes()
    {
        using var parcel = new Parcel();

        parcel.WriteInterfaceToken("hello, world!");

        Assert.Equal(40, parcel.DataSize);
        Assert.Equal(
            "00010000" + "00000000" + "0D000000" + "680065006C006C006F002C00200077006F0072006C0064002100" + "0000",
            Convert.ToHexString(parcel.Data));
        Assert.Equal("hello, world!", parcel.ReadInterfaceToken());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Fact]
    public void A_token_of_102393_ascii_characters_is_the_longest()
    {
        using var parcel = new Parcel();
        string longest = new('t', 102_393);

        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteInterfaceToken(longest + "t"));
        parcel.WriteInterfaceToken(longest);

        Assert.Equal(204_800, parcel.DataSize);
        Assert.Equal(longest, parcel.ReadInterfaceToken());
    }

    [Fact]
    public void An_empty_token_and_one_above_204800_bytes_are_wrong_parameters()
    {
        using var parcel = new Parcel();

        var refusal = Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.WriteInterfaceToken(""));
        Assert.Equal(IpcError.CheckParam, refusal.Error);
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.WriteInterfaceToken(new string('€', 68_267)));
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.WriteInterfaceToken(new string('t', 204_801)));
    }

    [Fact]
    public void The_right_interface_passes_and_another_is_named_in_the_error()
    {
        using var parcel = new Parcel();
        parcel.WriteInterfaceToken("test.IÄpfel");
        parcel.WriteInt32(3);

        var refusal = Faults.Refused(parcel, ParcelFault.BadToken, p => p.EnforceInterface("test.IBirnen"));
        Assert.Equal(IpcError.InterfaceMismatch, refusal.Error);
        Assert.Contains("test.IÄpfel", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("test.IBirnen", refusal.Message, StringComparison.Ordinal);
        parcel.EnforceInterface("test.IÄpfel");
        Assert.Equal(3, parcel.ReadInt32());
    }

    [Fact]
    public void Data_that_do_not_begin_like_a_token_are_no_token()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(5);
        parcel.WriteInt64(0);
        parcel.WriteInt64(0);

        var refusal = Faults.Refused(parcel, ParcelFault.BadToken, p => p.ReadInterfaceToken());
        Assert.Equal(5, refusal.Value);
        Faults.Refused(parcel, ParcelFault.BadToken, p => p.EnforceInterface("x"));
    }

    [Theory]
    [InlineData(-1, "61000000", ParcelFault.InvalidLength)]
    [InlineData(2, "61006200", ParcelFault.InvalidLength)]
    [InlineData(int.MaxValue, "61000000", ParcelFault.InvalidLength)]
    [InlineData(1, "61006200", ParcelFault.InvalidText)]
    [InlineData(3, "6100000062000000", ParcelFault.InvalidText)]
    [InlineData(1, "00D80000", ParcelFault.InvalidText)]
    [InlineData(0, "", ParcelFault.InvalidLength)]
    public void A_token_that_contradicts_itself_is_refused(int count, string units, ParcelFault fault)
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(0x100);
        parcel.WriteInt32(0);
        parcel.WriteInt32(count);
        parcel.WriteBuffer(Convert.FromHexString(units));

        Faults.Refused(parcel, fault, p => p.ReadInterfaceToken());
        using var received = Faults.Received(parcel);
        Faults.Refused(received, fault, p => p.ReadInterfaceToken());
    }
}
