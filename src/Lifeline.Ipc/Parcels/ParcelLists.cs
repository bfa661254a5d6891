using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>Lists of strings, stubs, proxies and descriptors: an int32 count, then each as it is written alone.</summary>
/// <remarks>When one of these fails, both positions of the parcel are as before.</remarks>
public static class ParcelLists
{
    /// <summary>Writes strings.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <param name="values">Each as for <see cref="Parcel.WriteString"/>.</param>
    /// <exception cref="ParcelException">They do not fit, one is no valid text, or the parcel is read-only.</exception>
    public static void WriteStrings(this Parcel parcel, IReadOnlyCollection<string> values) =>
        Write(parcel, values, static (p, value) => p.WriteString(value));

    /// <summary>Reads what <see cref="WriteStrings"/> wrote.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <returns>The strings, in order.</returns>
    /// <exception cref="ParcelException">The count is larger than the data can hold, or the data are no strings.</exception>
    public static IReadOnlyList<string> ReadStrings(this Parcel parcel) =>
        Read(parcel, sizeof(int), nameof(ReadStrings), static p => p.ReadString());

    /// <summary>Writes stubs of this process.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <param name="stubs">The reader gets each as a proxy.</param>
    /// <exception cref="ParcelException">They do not fit, or the parcel is read-only.</exception>
    public static void WriteStubs(this Parcel parcel, IReadOnlyCollection<IpcStub> stubs) =>
        Write(parcel, stubs, static (p, stub) => p.WriteStub(stub));

    /// <summary>Writes proxies; the caller keeps its own.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <param name="proxies">The reader gets each as a proxy of the same stub.</param>
    /// <exception cref="ParcelException">They do not fit, or the parcel is read-only.</exception>
    public static void WriteProxies(this Parcel parcel, IReadOnlyCollection<IpcProxy> proxies) =>
        Write(parcel, proxies, static (p, proxy) => p.WriteProxy(proxy));

    /// <summary>Reads what <see cref="WriteStubs"/> or <see cref="WriteProxies"/> wrote.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <returns>New proxies, which the caller disposes.</returns>
    /// <exception cref="ParcelException">The count is larger than the data can hold, or something else was written there.</exception>
    public static IReadOnlyList<IpcProxy> ReadProxies(this Parcel parcel) =>
        Read(parcel, ParcelObject.RecordSize, nameof(ReadProxies), static p => p.ReadProxy() ?? throw NoReference(p));

    /// <summary>Writes file descriptors; each is duplicated, the caller keeps its own.</summary>
    /// <param name="parcel">Where to write.</param>
    /// <param name="descriptors">Open descriptors: with those that are in the parcel already at most <see cref="Parcel.MaxDescriptors"/>.</param>
    /// <exception cref="ParcelException">They do not fit, the parcel is read-only, or a duplication failed.</exception>
    public static void WriteDescriptors(this Parcel parcel, IReadOnlyCollection<Descriptor> descriptors) =>
        Write(parcel, descriptors, static (p, descriptor) => p.WriteDescriptor(descriptor));

    /// <summary>Reads what <see cref="WriteDescriptors"/> wrote.</summary>
    /// <param name="parcel">Where to read.</param>
    /// <returns>New duplicates, which the caller disposes.</returns>
    /// <exception cref="ParcelException">The count is larger than the data can hold, something else was written there, or a duplication failed.</exception>
    public static IReadOnlyList<Descriptor> ReadDescriptors(this Parcel parcel) =>
        Read(parcel, ParcelObject.RecordSize, nameof(ReadDescriptors), static p => p.ReadDescriptor());

    private static void Write<T>(Parcel parcel, IReadOnlyCollection<T> values, Action<Parcel, T> write)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        ArgumentNullException.ThrowIfNull(values);
        int start = parcel.WritePosition;
        bool written = false;
        try
        {
            parcel.WriteInt32(values.Count);
            foreach (T value in values)
                write(parcel, value);
            written = true;
        }
        finally
        {
            if (!written && !parcel.IsReadOnly && parcel.WritePosition > start)
                parcel.RewindWrite(start);
        }
    }

    private static List<T> Read<T>(Parcel parcel, int smallest, string operation, Func<Parcel, T> read)
    {
        ArgumentNullException.ThrowIfNull(parcel);
        int start = parcel.ReadPosition;
        var values = new List<T>();
        bool done = false;
        try
        {
            int count = parcel.ReadInt32();
            int most = parcel.ReadableBytes / smallest;
            if (count < 0 || count > most)
                ParcelThrow.Length(operation, IpcError.ParcelRead, count, most);
            while (values.Count < count)
                values.Add(read(parcel));
            done = true;
            return values;
        }
        finally
        {
            if (!done)
            {
                foreach (T value in values)
                    (value as IDisposable)?.Dispose();
                parcel.RewindRead(Math.Min(start, parcel.DataSize));
            }
        }
    }

    private static ParcelException NoReference(Parcel parcel) => new(
        IpcError.ParcelRead, ParcelFault.NoObject, nameof(ReadProxies), parcel.ReadPosition, 0, "a list of proxies holds a null reference.");
}
