using System.Collections.Concurrent;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sending;
using Lifeline.Ipc.Sessions;
using Lifeline.Linux;

namespace Lifeline.Ipc;

// What objects in parcels mean in this session, and the counting of references.
public sealed partial class IpcSession
{
    private const int ReleasesInARow = 256;

    private readonly Dictionary<ulong, RemoteTarget> _imports = [];
    private readonly ConcurrentStack<RemoteTarget> _releases = [];

    /// <summary>No proxy stands for the object any more: it is given back on the receive thread. Any thread, also the finalizer's.</summary>
    internal void QueueRelease(RemoteTarget target)
    {
        // Nobody is there any more to whom it could be given back.
        if (_state == Ended)
            return;
        _releases.Push(target);
        Endpoint.Loop.Schedule(this);
    }

    /// <summary>A proxy for a stub of the peer that arrived. Receive thread.</summary>
    internal IpcProxy Import(ulong handle)
    {
        RemoteTarget? target;
        if (handle == ExportTable.RootHandle)
        {
            target = _remoteRoot ?? throw new ProtocolViolationException("a reference to a root stub that was not announced");
        }
        else if (!_imports.TryGetValue(handle, out target))
        {
            if (_imports.Count >= Options.MaxImportedObjects)
                Endpoint.Limits.Count(nameof(IpcEndpointOptions.MaxImportedObjects));
            if (handle == 0 || _imports.Count >= Options.MaxImportedObjects)
                throw new ProtocolViolationException($"stub {handle} beyond the {Options.MaxImportedObjects} that {nameof(IpcEndpointOptions.MaxImportedObjects)} allows");
            target = new RemoteTarget(this, handle);
            _imports.Add(handle, target);
            WatchProxyCount();
        }

        target.Received++;
        target.AddHandle();
        return new IpcProxy(target);
    }

    /// <summary>The session has ended. Whoever holds on to it must not keep what its peer gave away, which may be very much. Under the receive gate.</summary>
    private void ForgetImports()
    {
        _imports.Clear();
        _imports.TrimExcess();
        _releases.Clear();
    }

    private void GiveReferencesBack()
    {
        for (int left = ReleasesInARow; _releases.TryPop(out RemoteTarget? target); left--)
        {
            if (left == 0)
            {
                // Others wait for this thread.
                _releases.Push(target);
                Endpoint.Loop.Schedule(this);
                return;
            }

            // It may have arrived again in the meantime.
            if (target.IsHeld || !_imports.TryGetValue(target.Handle, out RemoteTarget? known) || known != target)
                continue;
            _imports.Remove(target.Handle);
            WatchProxyCount();
            _send.SendControl(new RecordHeader { Kind = RecordKind.Release, Target = target.Handle, Id = target.Received }, [], afterRequests: true);
        }

        CloseIfIdle();
    }

    /// <summary>A session that was made to fetch stubs ends with the last of them.</summary>
    private void CloseIfIdle()
    {
        const string reason = "the last stub that this session was made for was given back";
        if (!IsForTickets || !_wasRedeemed || _imports.Count > 0 || _exports.Count > 0 || _remoteRoot is { IsHeld: true })
            return;
        using (_gate.Enter())
        {
            // Decided and noted in one step: whoever wants another stub through it either is seen here or sees the end.
            if (_closeReason is not null || _pending.Count + _redemptions.Count + _ticketRequests.Count > 0)
                return;
            _closeReason = reason;
        }

        _send.Close(IpcError.DeadObject, reason);
    }

    /// <summary>Gives the objects of a parcel their meaning in this session.</summary>
    private OutgoingObjects? Translate(Parcel parcel)
    {
        IReadOnlyList<ParcelObject> objects = parcel.Objects;
        if (objects.Count == 0)
            return null;
        var outgoing = new OutgoingObjects(objects.Count);
        List<Descriptor> descriptors = [];
        try
        {
            for (int i = 0; i < objects.Count; i++)
                outgoing.Wire[i] = Translate(objects[i], outgoing, descriptors);
        }
        catch
        {
            Undo(outgoing);
            throw;
        }

        outgoing.Descriptors = [.. descriptors];
        if (outgoing.Tickets is { } tickets)
            _ = Task.WhenAll(tickets.Select(t => t.Grant)).ContinueWith(_ => _send.Continue(writable: false), TaskScheduler.Default);
        return outgoing;
    }

    private WireObject Translate(ParcelObject source, OutgoingObjects outgoing, List<Descriptor> descriptors)
    {
        switch (source.Payload)
        {
            case null:
                return new WireObject(WireObjectKind.Null, 0);
            case Descriptor descriptor:
                descriptors.Add(descriptor);
                return new WireObject(WireObjectKind.Descriptor, (ulong)(descriptors.Count - 1));
            case IpcStub stub:
                return Export(stub, outgoing);
            case IpcProxy { LocalStub: { } home }:
                return Export(home, outgoing);
            case IpcProxy { Target: RemoteTarget target } when target.Session == this:
                return new WireObject(WireObjectKind.Receiver, target.Handle);
            case IpcProxy proxy:
                return HandOn(proxy, outgoing);
            default:
                throw new IpcException(IpcError.Inner, $"a parcel with a {source.Payload.GetType().Name}");
        }
    }

    private WireObject Export(IpcStub stub, OutgoingObjects outgoing)
    {
        ulong handle = _exports.AddReference(stub);
        outgoing.Exported.Add(handle);
        return new WireObject(WireObjectKind.Sender, handle);
    }

    /// <summary>A record with objects was not sent after all.</summary>
    private void Undo(OutgoingObjects? outgoing)
    {
        foreach (IpcStub stub in outgoing is null ? [] : _exports.Undo(outgoing.Exported))
            Unreferenced(stub);
    }

    private void Unreferenced(IpcStub? stub)
    {
        if (stub is not null)
            _lane.Enqueue(stub.OnUnreferenced);
    }

    /// <summary>Takes a received parcel in: everything in it that can be resolved now is.</summary>
    private Incoming Accept(in RecordHeader header, ReadOnlySpan<byte> record, Descriptor[] descriptors)
    {
        (int Offset, WireObject Object)[] table = ObjectTable.Read(header, record);
        ReadOnlySpan<byte> data = ObjectTable.Data(header, record);
        if (table.Length == 0)
            return new Incoming(Parcel.FromReceived(data, []));
        var objects = new ReceivedObject[table.Length];
        List<(int Index, Task<IpcProxy> Proxy)>? fetched = null;
        for (int i = 0; i < table.Length; i++)
        {
            (int offset, WireObject entry) = table[i];
            if (entry.Kind == WireObjectKind.Ticket)
                (fetched ??= []).Add((i, TakeTicket(entry.Value)));
            objects[i] = entry.Kind switch
            {
                WireObjectKind.Sender => new ReceivedObject(offset, ParcelObjectKind.Proxy, Import(entry.Value)),
                WireObjectKind.Receiver => new ReceivedObject(offset, ParcelObjectKind.Stub, Home(entry.Value)),
                WireObjectKind.Descriptor => new ReceivedObject(offset, ParcelObjectKind.Descriptor, descriptors[(int)entry.Value]),
                WireObjectKind.Ticket => new ReceivedObject(offset, ParcelObjectKind.Proxy, null),
                _ => new ReceivedObject(offset, ParcelObjectKind.Null, null),
            };
        }

        BlockAccount? blocks = descriptors.Length > 0 ? Blocks : null;
        return fetched is null ? new Incoming(Parcel.FromReceived(data, objects), blocks) : new Incoming(data.ToArray(), objects, fetched, blocks);
    }

    private IpcStub Home(ulong handle) =>
        _exports.Find(handle)?.Stub ?? throw new ProtocolViolationException($"a reference to stub {handle}, which this process has not given away");
}
