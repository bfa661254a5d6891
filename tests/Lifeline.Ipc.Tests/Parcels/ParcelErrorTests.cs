namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelErrorTests
{
    [Fact]
    public void No_error_reads_as_nothing_and_the_data_behind_it_follow()
    {
        using var parcel = new Parcel();
        parcel.WriteNoException();
        parcel.WriteInt32(42);
        parcel.ReadException();
        Assert.Equal(42, parcel.ReadInt32());
    }

    [Fact]
    public void An_error_is_thrown_with_its_number_and_message_and_the_data_behind_it_follow()
    {
        using var parcel = new Parcel();
        parcel.WriteException(new IpcException((IpcError)1_909_007, "the till is closed"));
        parcel.WriteInt32(42);
        var thrown = Assert.Throws<IpcException>(parcel.ReadException);
        Assert.Equal((IpcError)1_909_007, thrown.Error);
        Assert.Equal("the till is closed", thrown.Message);
        Assert.Equal(42, parcel.ReadInt32());
    }

    [Fact]
    public void Messages_that_no_string_can_hold_are_made_to_fit()
    {
        using var parcel = new Parcel();
        parcel.WriteException(new IpcException(IpcError.NotFound, "a\0b\ud800" + new string('ü', 5000)));
        string message = Assert.Throws<IpcException>(parcel.ReadException).Message;
        Assert.StartsWith("a b\ufffdü", message, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(message), 4090, ParcelErrors.MaxMessageBytes);
    }

    [Fact]
    public void What_is_cut_short_leaves_the_cursor()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(6);
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadException());
        Assert.Throws<ArgumentException>(() => parcel.WriteException(new IpcException(IpcError.None, "")));
    }
}
