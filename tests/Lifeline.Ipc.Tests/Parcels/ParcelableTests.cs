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

    [Fact]
    public void Values_lie_inside_values()
    {
        Tree tree = new("root", [new("left", []), new("right", [new("leaf", [])])]);
        using var parcel = new Parcel();
        parcel.WriteParcelable(tree);
        parcel.WriteNullableParcelable<Tree>(null);
        parcel.WriteNullableParcelable(tree);
        Assert.Equal(tree.ToString(), parcel.ReadParcelable<Tree>().ToString());
        Assert.Null(parcel.ReadNullableParcelable<Tree>());
        Assert.Equal(tree.ToString(), parcel.ReadNullableParcelable<Tree>()!.ToString());
    }

    [Fact]
    public void Values_nested_too_deep_are_refused_on_both_sides_before_the_stack_ends()
    {
        var deep = new Tree("leaf", []);
        for (int i = 0; i < ParcelableExtensions.MaxNesting; i++)
            deep = new Tree("", [deep]);
        using var parcel = new Parcel();
        Faults.Refused(parcel, ParcelFault.TooDeep, p => p.WriteParcelable(deep));

        // A hostile sender: one child in each level, as many levels as fit.
        using var hostile = new Parcel();
        while (hostile.DataSize < Parcel.MaxDataSize)
        {
            hostile.WriteString("");
            hostile.WriteInt32(1);
        }

        Faults.Refused(hostile, ParcelFault.TooDeep, p => p.ReadParcelable<Tree>());
        hostile.Reset();
        hostile.WriteParcelable(new Tree("still works", []));
        Assert.Equal("still works()", hostile.ReadParcelable<Tree>().ToString());
    }

    private sealed class Tree(string name, IReadOnlyList<Tree> children) : IParcelable<Tree>
    {
        public static Tree ReadFrom(Parcel parcel) => new(parcel.ReadString(), parcel.ReadParcelables<Tree>());

        public void WriteTo(Parcel parcel)
        {
            parcel.WriteString(name);
            parcel.WriteParcelables(children);
        }

        public override string ToString() => $"{name}({string.Join(',', children)})";
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
