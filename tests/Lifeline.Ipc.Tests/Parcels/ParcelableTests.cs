namespace Lifeline.Ipc.Tests.Parcels;

public class ParcelableTests
{
    [Fact]
    public void A_value_travels_alone_and_in_lists()
    {
        using var parcel = new Parcel();
        parcel.WriteParcelable(new Point(1, "one"));
        parcel.WriteParcelables<Point>([new(2, "two"), new(3, "")]);
        parcel.WriteParcelables<Point>([]);

        Assert.Equal(new Point(1, "one"), parcel.ReadParcelable<Point>());
        Assert.Equal([new(2, "two"), new(3, "")], parcel.ReadParcelables<Point>());
        Assert.Empty(parcel.ReadParcelables<Point>());
        Assert.Equal(0, parcel.ReadableBytes);
    }

    [Fact]
    public void What_cannot_be_written_whole_is_not_written()
    {
        using var parcel = new Parcel();
        parcel.WriteBuffer(new byte[204_780]);

        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteParcelable(new Point(1, "much too long for what is left")));
        Faults.Refused(parcel, ParcelFault.TooLarge, p => p.WriteParcelables<Point>([new(1, ""), new(2, ""), new(3, "")]));
        parcel.WriteParcelable(new Point(1, ""));
    }

    [Fact]
    public void What_cannot_be_read_whole_leaves_the_cursor()
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(2);
        parcel.WriteParcelable(new Point(1, "one"));

        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadParcelables<Point>());
        parcel.RewindRead(12);
        Faults.Refused(parcel, ParcelFault.ShortRead, p => p.ReadParcelable<Point>());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_count_beyond_the_data_is_refused(int count)
    {
        using var parcel = new Parcel();
        parcel.WriteInt32(count);
        parcel.WriteInt64(0);

        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.ReadParcelables<Nothing>());
    }

    [Fact]
    public void Elements_that_take_no_bytes_make_no_list()
    {
        using var parcel = new Parcel();

        Assert.Throws<ArgumentException>(() => parcel.WriteParcelables<Nothing>([default, default]));
        Assert.Equal(0, parcel.DataSize);
        Faults.Refused(parcel, ParcelFault.InvalidLength, p => p.WriteParcelables(new Nothing[ParcelableExtensions.MaxListLength + 1]));
    }

    private readonly record struct Point(int X, string Name) : IParcelable<Point>
    {
        public static Point ReadFrom(Parcel parcel) => new(parcel.ReadInt32(), parcel.ReadString());

        public void WriteTo(Parcel parcel)
        {
            parcel.WriteInt32(X);
            parcel.WriteString(Name);
        }
    }

    private readonly record struct Nothing : IParcelable<Nothing>
    {
        public static Nothing ReadFrom(Parcel parcel) => default;

        public void WriteTo(Parcel parcel)
        {
        }
    }
}
