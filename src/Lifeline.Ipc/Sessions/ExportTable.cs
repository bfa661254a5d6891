using System.Runtime.CompilerServices;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Sessions;

/// <summary>
/// The stubs of this process that the peer of one session holds, with the count of references sent to it. The peer gives
/// back as many as it got, so a reference that is under way while others are given back keeps the stub. Thread-safe.
/// </summary>
internal sealed class ExportTable(IpcEndpoint home, WorkerLane lane)
{
    /// <summary>The handle of the root stub; it is never given back.</summary>
    internal const ulong RootHandle = 1;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Entry> _byHandle = [];
    private readonly Dictionary<IpcStub, Entry> _byStub = new(ReferenceEqualityComparer.Instance);

    // A stub that was given back and is sent again keeps its queue: order holds across the two.
    private ConditionalWeakTable<IpcStub, OneWayLane>? _lanes;
    private ulong _nextHandle = RootHandle + 1;
    private bool _closed;
    private long _maxAtPeer = uint.MaxValue;
    private int _roots;

    /// <summary>How many the peer says that it holds at most, the root not counted.</summary>
    internal long MaxAtPeer
    {
        set
        {
            lock (_gate)
                _maxAtPeer = value;
        }
    }

    internal int Count
    {
        get
        {
            lock (_gate)
                return _byHandle.Count;
        }
    }

    /// <summary>Exports the root stub.</summary>
    internal void AddRoot(IpcStub root)
    {
        lock (_gate)
        {
            Add(root, RootHandle).References = 1;
            _roots = 1;
        }
    }

    /// <summary>Counts one more reference to a stub.</summary>
    /// <returns>The handle that the peer knows it by.</returns>
    /// <exception cref="IpcException">Too many stubs, or the session has ended.</exception>
    internal ulong AddReference(IpcStub stub)
    {
        lock (_gate)
        {
            if (_closed)
                throw new IpcException(IpcError.DeadObject, "The session has ended.");
            if (!_byStub.TryGetValue(stub, out Entry? entry))
            {
                if (_byHandle.Count >= home.Options.MaxExportedObjects)
                    throw home.Limits.Reached(nameof(IpcEndpointOptions.MaxExportedObjects), home.Options.MaxExportedObjects, _byHandle.Count + 1, $"The peer holds {_byHandle.Count} stubs of this process");
                // At least as many as it counts itself: so who keeps to this never goes beyond.
                int atPeer = _byHandle.Count - _roots;
                if (atPeer >= _maxAtPeer)
                    throw home.Limits.Reached(nameof(IpcEndpointOptions.MaxImportedObjects), _maxAtPeer, atPeer + 1, $"The peer holds {atPeer} stubs of this process, and its endpoint takes no more");
                entry = Add(stub, _nextHandle++);
            }

            entry.References++;
            return entry.Handle;
        }
    }

    internal Entry? Find(ulong handle)
    {
        lock (_gate)
            return _byHandle.GetValueOrDefault(handle);
    }

    /// <summary>Adds the statistics of one stub, or of all.</summary>
    internal void ReadRows(List<IpcCallStatistics> into, IpcStub? only, CallerIdentity peer, long session, TimeProvider time)
    {
        lock (_gate)
        {
            foreach (Entry entry in _byHandle.Values)
            {
                if (only is null || entry.Stub == only)
                    entry.Rows?.Read(into, peer, session, time);
            }
        }
    }

    /// <summary>Takes references off.</summary>
    /// <returns>The stub if no process holds it any more; else null.</returns>
    /// <exception cref="ProtocolViolationException">There is no such stub, or fewer references.</exception>
    internal IpcStub? Release(ulong handle, ulong count)
    {
        lock (_gate)
        {
            if (_closed)
                return null;
            if (!_byHandle.TryGetValue(handle, out Entry? entry))
                throw new ProtocolViolationException($"{count} references given back to the unknown stub {handle}");
            if (count > entry.References)
                throw new ProtocolViolationException($"{count} references given back to stub {handle}, which has {entry.References}");
            entry.References -= count;
            if (entry.References > 0 || handle == RootHandle)
                return null;
            _byHandle.Remove(handle);
            _byStub.Remove(entry.Stub);
            entry.Rows?.Retire();
            entry.IsGone = true;
            return entry.Stub.RemoveHolder() ? entry.Stub : null;
        }
    }

    /// <summary>Takes back the references of a record that was not sent.</summary>
    internal IEnumerable<IpcStub> Undo(List<ulong> handles)
    {
        foreach (ulong handle in handles)
        {
            if (Release(handle, 1) is { } stub)
                yield return stub;
        }
    }

    /// <summary>The session has ended: the peer holds nothing any more.</summary>
    /// <returns>The stubs that no process holds any more.</returns>
    internal List<IpcStub> Close()
    {
        lock (_gate)
        {
            _closed = true;
            var unreferenced = new List<IpcStub>();
            foreach (Entry entry in _byHandle.Values)
            {
                entry.Rows?.Retire();
                if (entry.Stub.RemoveHolder())
                    unreferenced.Add(entry.Stub);
            }

            _byHandle.Clear();
            _byStub.Clear();
            return unreferenced;
        }
    }

    private Entry Add(IpcStub stub, ulong handle)
    {
        // The root is never given back.
        OneWayLane oneWay = handle == RootHandle ? new OneWayLane(lane) : (_lanes ??= []).GetValue(stub, _ => new OneWayLane(lane));
        var entry = new Entry(stub, handle, oneWay);
        _byHandle.Add(handle, entry);
        _byStub.Add(stub, entry);
        stub.AddHolder(home);
        return entry;
    }

    internal sealed class Entry(IpcStub stub, ulong handle, OneWayLane oneWay)
    {
        internal IpcStub Stub => stub;

        internal ulong Handle => handle;

        internal OneWayLane OneWay => oneWay;

        /// <summary>The statistics; null until the first request.</summary>
        internal StubRows? Rows { get; set; }

        /// <summary>How its handler behaves where requests are received.</summary>
        internal InlineTrust Trust { get; } = new();

        /// <summary>The stub if its handler may run where requests are received; else null.</summary>
        internal SynchronousStub? Inline { get; } = stub.Serial is null ? stub as SynchronousStub : null;

        /// <summary>Whether it was given back. Any thread.</summary>
        internal volatile bool IsGone;

        /// <summary>Guarded by the table.</summary>
        internal ulong References { get; set; }
    }
}
