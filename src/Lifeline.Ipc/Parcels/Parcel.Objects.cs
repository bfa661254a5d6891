using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Lifeline.Linux;

namespace Lifeline.Ipc;

// Stubs, proxies and descriptors; Append, which copies them.
public sealed unsafe partial class Parcel
{
    private List<ParcelObject>? _objects;
    private int _descriptors;

    /// <summary>Whether it holds plain data only.</summary>
    internal bool HasNoObjects => _objects is null or { Count: 0 };

    /// <summary>Whether it was disposed.</summary>
    internal bool IsDisposed => _disposed;

    /// <summary>The objects in the data, in ascending order of offset.</summary>
    internal IReadOnlyList<ParcelObject> Objects => (IReadOnlyList<ParcelObject>?)_objects ?? [];

    /// <summary>Whose account memory that is read from here goes on; null if no peer sent it.</summary>
    internal BlockAccount? Sender { get; set; }

    /// <summary>How many of <see cref="Objects"/> are descriptors.</summary>
    internal int DescriptorCount => _descriptors;

    /// <summary>Writes a null reference where the reader expects a stub or proxy: 24 bytes.</summary>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteNull() => WriteObject(ParcelObjectKind.Null, null, nameof(WriteNull));

    /// <summary>Writes a stub of this process, which the receiver reads as a proxy: 24 bytes. The parcel keeps it alive.</summary>
    /// <param name="stub">The object to make reachable for the receiver.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    public void WriteStub(IpcStub stub)
    {
        ArgumentNullException.ThrowIfNull(stub);
        WriteObject(ParcelObjectKind.Stub, stub, nameof(WriteStub));
    }

    /// <summary>Writes a proxy, so that the receiver can call the same stub: 24 bytes. The parcel takes a reference of its own, the caller may dispose the proxy.</summary>
    /// <param name="proxy">A proxy of any stub, also one of a third process or of this one.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only.</exception>
    /// <exception cref="ObjectDisposedException">The proxy is disposed.</exception>
    public void WriteProxy(IpcProxy proxy)
    {
        const string operation = nameof(WriteProxy);
        ArgumentNullException.ThrowIfNull(proxy);
        if (proxy.LocalStub is { } stub)
        {
            WriteObject(ParcelObjectKind.Stub, stub, operation);
            return;
        }

        EnsureObjectFits(ParcelObjectKind.Proxy, operation);
        WriteObject(ParcelObjectKind.Proxy, proxy.Share(), operation);
    }

    /// <summary>Reads a stub or proxy as something that can be called.</summary>
    /// <returns>A new proxy, which the caller disposes; null if a null reference was written. A stub that came home is called directly.</returns>
    /// <exception cref="ParcelException">Neither stub, proxy nor null was written at the read position.</exception>
    public IpcProxy? ReadProxy()
    {
        const string operation = nameof(ReadProxy);
        ParcelObject found = PeekObject(operation);
        if (found.Kind == ParcelObjectKind.Descriptor)
            ParcelThrow.WrongKind(operation, _read, found.Kind);
        IpcProxy? proxy = found.Payload switch
        {
            IpcStub stub => IpcProxy.ForLocal(stub),
            IpcProxy held => held.Share(),
            _ => null,
        };
        _read += ParcelObject.RecordSize;
        return proxy;
    }

    /// <summary>Reads a stub of this very process that came home.</summary>
    /// <returns>The stub itself; null if a null reference was written.</returns>
    /// <exception cref="ParcelException">No stub of this process and no null was written at the read position.</exception>
    public IpcStub? ReadStub()
    {
        const string operation = nameof(ReadStub);
        ParcelObject found = PeekObject(operation);
        if (found.Kind is not (ParcelObjectKind.Stub or ParcelObjectKind.Null))
            ParcelThrow.WrongKind(operation, _read, found.Kind);
        _read += ParcelObject.RecordSize;
        return (IpcStub?)found.Payload;
    }

    /// <summary>Writes a file descriptor: 24 bytes. It is duplicated, the caller keeps its own.</summary>
    /// <param name="descriptor">An open descriptor.</param>
    /// <exception cref="ParcelException">The parcel is full or read-only, holds <see cref="MaxDescriptors"/> already, or the duplication failed.</exception>
    public void WriteDescriptor(Descriptor descriptor)
    {
        const string operation = nameof(WriteDescriptor);
        ArgumentNullException.ThrowIfNull(descriptor);
        EnsureObjectFits(ParcelObjectKind.Descriptor, operation);
        WriteObject(ParcelObjectKind.Descriptor, Duplicate(descriptor, operation), operation);
    }

    /// <summary>Reads a file descriptor.</summary>
    /// <returns>A new duplicate, which the caller disposes.</returns>
    /// <exception cref="ParcelException">No descriptor was written at the read position, or the duplication failed.</exception>
    public Descriptor ReadDescriptor()
    {
        const string operation = nameof(ReadDescriptor);
        ParcelObject found = PeekObject(operation);
        if (found.Kind != ParcelObjectKind.Descriptor)
            ParcelThrow.WrongKind(operation, _read, found.Kind);
        Descriptor copy = Duplicate((Descriptor)found.Payload!, operation);
        _read += ParcelObject.RecordSize;
        return copy;
    }

    /// <summary>Writes all that <paramref name="other"/> holds behind what this one holds, padded to 4: the bytes from its start (wherever it has been read to), references to its objects, duplicates of its descriptors.</summary>
    /// <param name="other">Stays as it is; may be this parcel itself, or a received one.</param>
    /// <exception cref="ParcelException">The two do not fit into one, or this one is read-only.</exception>
    public void Append(Parcel other)
    {
        const string operation = nameof(Append);
        ArgumentNullException.ThrowIfNull(other);
        ObjectDisposedException.ThrowIf(other._disposed, other);
        EnsureWritable(operation);
        int length = other._size;
        int objects = other.Objects.Count;
        if (Objects.Count + objects > MaxObjects)
            ParcelThrow.TooManyObjects(operation, Objects.Count + objects);
        if (_descriptors + other._descriptors > MaxDescriptors)
            ParcelThrow.TooManyDescriptors(operation, _descriptors + other._descriptors);
        if (_rawBlockEnd != 0 && other._rawBlockEnd != 0)
            throw MemoryErrors.SecondRawBlock(operation);
        int raw = other._rawBlockEnd;

        int start = _size;
        byte* target = Reserve(Pad(length), operation);
        WritePadded(target, new ReadOnlySpan<byte>(other._data, length));
        try
        {
            for (int i = 0; i < objects; i++)
            {
                ParcelObject source = other._objects![i];
                AddObject(source with { Offset = start + source.Offset, Payload = Share(source.Payload, operation) });
            }

            _size += Pad(length);
            if (raw != 0)
                _rawBlockEnd = start + raw;
            Sender ??= other.Sender;
        }
        finally
        {
            DropObjectsAfter(_size);
        }

        GC.KeepAlive(other);
        GC.KeepAlive(this);
    }

    private static object? Share(object? payload, string operation) => payload switch
    {
        Descriptor descriptor => Duplicate(descriptor, operation),
        IpcProxy proxy => proxy.Share(),
        _ => payload,
    };

    private static Descriptor Duplicate(Descriptor descriptor, string operation)
    {
        try
        {
            return descriptor.Duplicate();
        }
        catch (IOException e)
        {
            ParcelThrow.Duplication(operation, e);
            throw;
        }
    }

    private static void CheckReceivedObjects(string operation, int size, ReadOnlySpan<ReceivedObject> objects)
    {
        if (objects.Length > MaxObjects)
            ParcelThrow.ObjectTable(operation, objects.Length, MaxObjects, "too many objects");
        int end = 0;
        int descriptors = 0;
        foreach (ReceivedObject entry in objects)
        {
            if (entry.Offset < end)
                ParcelThrow.ObjectTable(operation, entry.Offset, end, "an object begins before the one in front of it ends");
            if (entry.Offset > size - ParcelObject.RecordSize)
                ParcelThrow.ObjectTable(operation, entry.Offset, size - ParcelObject.RecordSize, "an object reaches beyond the data");
            if (!IsOfKind(entry.Payload, entry.Kind))
                ParcelThrow.ObjectTable(operation, (long)entry.Kind, (long)ParcelObjectKind.Descriptor, "an object is not of its kind");
            if (entry.Kind == ParcelObjectKind.Descriptor && ++descriptors > MaxDescriptors)
                ParcelThrow.ObjectTable(operation, descriptors, MaxDescriptors, "too many descriptors");
            end = entry.Offset + ParcelObject.RecordSize;
        }
    }

    private static bool IsOfKind(object? payload, ParcelObjectKind kind) => kind switch
    {
        ParcelObjectKind.Null => payload is null,
        ParcelObjectKind.Stub => payload is IpcStub,
        ParcelObjectKind.Proxy => payload is IpcProxy,
        ParcelObjectKind.Descriptor => payload is Descriptor,
        _ => false,
    };

    private void AdoptReceivedObjects(ReadOnlySpan<ReceivedObject> objects)
    {
        foreach (ReceivedObject entry in objects)
        {
            // What the sender put into the record is not believed: it is written anew.
            WriteRecord(_data + entry.Offset, entry.Kind);
            AddObject(new ParcelObject(entry.Offset, entry.Kind, entry.Payload));
        }
    }

    private void EnsureObjectFits(ParcelObjectKind kind, string operation)
    {
        EnsureWritable(operation);
        if (Objects.Count == MaxObjects)
            ParcelThrow.TooManyObjects(operation, MaxObjects + 1);
        if (kind == ParcelObjectKind.Descriptor && _descriptors == MaxDescriptors)
            ParcelThrow.TooManyDescriptors(operation, MaxDescriptors + 1);
        Reserve(ParcelObject.RecordSize, operation);
    }

    /// <summary>Writes a record; <paramref name="payload"/> belongs to the parcel from here on.</summary>
    private void WriteObject(ParcelObjectKind kind, object? payload, string operation)
    {
        EnsureObjectFits(kind, operation);
        WriteRecord(_data + _size, kind);
        AddObject(new ParcelObject(_size, kind, payload));
        _size += ParcelObject.RecordSize;
        GC.KeepAlive(this);
    }

    private static void WriteRecord(byte* target, ParcelObjectKind kind)
    {
        var record = new Span<byte>(target, ParcelObject.RecordSize);
        record.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, (int)kind);
    }

    private void AddObject(ParcelObject entry)
    {
        (_objects ??= []).Add(entry);
        if (entry.Kind == ParcelObjectKind.Descriptor)
            _descriptors++;
    }

    private void DropObjectsAfter(int position)
    {
        ForgetRawBlockAfter(position);
        if (_objects is null)
            return;
        int last = _objects.Count - 1;
        while (last >= 0 && _objects[last].End > position)
        {
            ParcelObject entry = _objects[last];
            _objects.RemoveAt(last--);
            if (entry.Kind == ParcelObjectKind.Descriptor)
                _descriptors--;
            // A stub that can be disposed is still not the parcel's to dispose.
            if (entry.Kind is ParcelObjectKind.Proxy or ParcelObjectKind.Descriptor)
                ((IDisposable)entry.Payload!).Dispose();
        }
    }

    /// <summary>Finds the object that begins exactly at the read position; the cursor stays.</summary>
    private ParcelObject PeekObject(string operation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int index = FirstObjectEndingAfter(_read);
        if (_objects is null || index == _objects.Count || _objects[index].Offset != _read)
            ParcelThrow.NoObject(operation, _read);
        return _objects[index];
    }

    private void GuardObjects(int start, int length, string operation)
    {
        int index = FirstObjectEndingAfter(start);
        if (length > 0 && index < _objects!.Count && _objects[index].Offset < start + length)
            ParcelThrow.Overlap(operation, start, length, _objects[index].Offset);
    }

    private int FirstObjectEndingAfter(int position)
    {
        int low = 0;
        int high = _objects?.Count ?? 0;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_objects![middle].End > position)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
