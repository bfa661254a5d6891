namespace Lifeline.Ipc;

/// <summary>Values that know how to travel, alone and in lists.</summary>
/// <remarks>When one of these fails, both positions of the parcel are as before.</remarks>
public static class ParcelableExtensions
{
    /// <summary>The elements that a list in a parcel can have: 51 200. Fixed by the format: no element takes less than 4 bytes.</summary>
    public const int MaxListLength = Parcel.MaxDataSize / 4;

    /// <summary>How deep values may lie inside each other: 64. Fixed; without it, data of a hostile sender could exhaust the reader's stack.</summary>
    public const int MaxNesting = 64;

    /// <summary>Writes a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="parcel">Where to write.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ParcelException">It does not fit, or the parcel is read-only.</exception>
    public static void WriteParcelable<T>(this Parcel parcel, T value)
        where T : IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        ArgumentNullException.ThrowIfNull(value);
        int start = parcel.WritePosition;
        bool written = false;
        parcel.EnterNested(nameof(WriteParcelable), IpcError.ParcelWrite);
        try
        {
            value.WriteTo(parcel);
            written = true;
        }
        finally
        {
            parcel.LeaveNested();
            if (!written)
                CutBack(parcel, start);
        }
    }

    /// <summary>Reads a value that <see cref="WriteParcelable"/> wrote.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ParcelException">The data are not of that type.</exception>
    public static T ReadParcelable<T>(this Parcel parcel)
        where T : IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.ReadPosition;
        bool read = false;
        parcel.EnterNested(nameof(ReadParcelable), IpcError.ParcelRead);
        try
        {
            T value = T.ReadFrom(parcel);
            read = true;
            return value;
        }
        finally
        {
            parcel.LeaveNested();
            if (!read)
                GoBack(parcel, start);
        }
    }

    /// <summary>Writes an int32 count and the values.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="parcel">Where to write.</param>
    /// <param name="values">At most <see cref="MaxListLength"/>.</param>
    /// <exception cref="ParcelException">They do not fit, or the parcel is read-only.</exception>
    /// <exception cref="ArgumentException">The elements take less than 4 bytes each.</exception>
    public static void WriteParcelables<T>(this Parcel parcel, IReadOnlyCollection<T> values)
        where T : IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count > MaxListLength)
            ParcelThrow.Length(nameof(WriteParcelables), IpcError.ParcelWrite, values.Count, MaxListLength);
        int start = parcel.WritePosition;
        bool written = false;
        parcel.EnterNested(nameof(WriteParcelables), IpcError.ParcelWrite);
        try
        {
            parcel.WriteInt32(values.Count);
            foreach (T value in values)
                value.WriteTo(parcel);
            // The reader bounds the count by what the data can hold.
            if ((parcel.WritePosition - start) / 4 <= values.Count && values.Count > 0)
                throw new ArgumentException($"{typeof(T).Name} writes nothing; an element of a list takes at least 4 bytes.", nameof(values));
            written = true;
        }
        finally
        {
            parcel.LeaveNested();
            if (!written)
                CutBack(parcel, start);
        }
    }

    /// <summary>Reads what <see cref="WriteParcelables"/> wrote.</summary>
    /// <typeparam name="T">The type of the elements.</typeparam>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The values, in order.</returns>
    /// <exception cref="ParcelException">The count is wrong (larger than the data can hold) or the data are not of that type.</exception>
    public static IReadOnlyList<T> ReadParcelables<T>(this Parcel parcel)
        where T : IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.ReadPosition;
        bool read = false;
        parcel.EnterNested(nameof(ReadParcelables), IpcError.ParcelRead);
        try
        {
            int count = parcel.ReadInt32();
            if (count < 0 || count > parcel.ReadableBytes / 4)
                ParcelThrow.Length(nameof(ReadParcelables), IpcError.ParcelRead, count, parcel.ReadableBytes / 4);
            var values = new List<T>();
            while (values.Count < count)
                values.Add(T.ReadFrom(parcel));
            read = true;
            return values;
        }
        finally
        {
            parcel.LeaveNested();
            if (!read)
                GoBack(parcel, start);
        }
    }

    /// <summary>Writes a truth value (is there a value?) and, if so, the value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="parcel">Where to write.</param>
    /// <param name="value">The value, or null.</param>
    /// <exception cref="ParcelException">It does not fit, or the parcel is read-only.</exception>
    public static void WriteNullableParcelable<T>(this Parcel parcel, T? value)
        where T : class, IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.WritePosition;
        parcel.WriteBoolean(value is not null);
        if (value is null)
            return;
        bool written = false;
        try
        {
            parcel.WriteParcelable(value);
            written = true;
        }
        finally
        {
            if (!written)
                CutBack(parcel, start);
        }
    }

    /// <summary>Reads what <see cref="WriteNullableParcelable"/> wrote.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The value, or null.</returns>
    /// <exception cref="ParcelException">The data are not of that type.</exception>
    public static T? ReadNullableParcelable<T>(this Parcel parcel)
        where T : class, IParcelable<T>
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.ReadPosition;
        bool read = false;
        try
        {
            T? value = parcel.ReadBoolean() ? parcel.ReadParcelable<T>() : null;
            read = true;
            return value;
        }
        finally
        {
            if (!read)
                GoBack(parcel, start);
        }
    }

    private static void CutBack(Parcel parcel, int position)
    {
        if (!parcel.IsReadOnly && parcel.WritePosition > position)
            parcel.RewindWrite(position);
    }

    private static void GoBack(Parcel parcel, int position)
    {
        if (position <= parcel.DataSize)
            parcel.RewindRead(position);
    }
}
