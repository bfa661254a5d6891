namespace Lifeline.Ipc;

/// <summary>A type that writes itself into a parcel and reads itself from one.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
/// <example>
/// <code>
/// public readonly record struct Point(int X, int Y) : IParcelable&lt;Point&gt;
/// {
///     public void WriteTo(Parcel parcel) { parcel.WriteInt32(X); parcel.WriteInt32(Y); }
///     public static Point ReadFrom(Parcel parcel) => new(parcel.ReadInt32(), parcel.ReadInt32());
/// }
/// </code>
/// </example>
public interface IParcelable<TSelf>
    where TSelf : IParcelable<TSelf>
{
    /// <summary>Writes all that <see cref="ReadFrom"/> needs.</summary>
    /// <param name="parcel">Where to write; it stays the caller's.</param>
    void WriteTo(Parcel parcel);

    /// <summary>Reads what <see cref="WriteTo"/> wrote, in the same order, trusting nothing.</summary>
    /// <param name="parcel">Where to read; it stays the caller's.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ParcelException">The data are not what <see cref="WriteTo"/> writes.</exception>
    static abstract TSelf ReadFrom(Parcel parcel);
}
