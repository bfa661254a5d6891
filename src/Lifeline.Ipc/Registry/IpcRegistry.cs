using Lifeline.Ipc.Registry;
using Lifeline.Ipc.Limits;

namespace Lifeline.Ipc;

/// <summary>
/// A stub that keeps other stubs by name, so that processes find each other. Usually the root of a listening endpoint:
/// the monitor's, or a <see cref="RegistryHost"/>'s.
/// </summary>
/// <remarks>
/// A name belongs to the user who added it until the process that holds the stub dies or that user (or root, or the hosting
/// process) removes it; adding it again before that is <see cref="IpcError.NameTaken"/>. Names that begin with <c>lifeline.</c>
/// are reserved for the hosting process. Thread-safe.
/// </remarks>
public sealed class IpcRegistry : IpcStub
{
    /// <summary>The descriptor of registries: <c>lifeline.IRegistry</c>.</summary>
    public const string InterfaceDescriptor = "lifeline.IRegistry";

    /// <summary>The longest name: 64 characters of A-Z a-z 0-9 _ . -</summary>
    public const int MaxNameLength = RegistryName.MaxLength;

    private const int NamesPerPage = 256;

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<TaskCompletionSource<IpcProxy>>> _waiting = new(StringComparer.Ordinal);
    private readonly RegistryOptions _options;
    private int _waiters;

    /// <summary>Makes an empty registry.</summary>
    /// <param name="options">Limits; null for the defaults.</param>
    public IpcRegistry(RegistryOptions? options = null)
        : base(InterfaceDescriptor) => _options = options ?? new RegistryOptions();

    /// <summary>A name has gone, with the reason: its holder died or it was removed. Called on the obituary lane or a worker.</summary>
    public event Action<RegistryRemoval>? Removed;

    /// <summary>The names, in ordinal order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (_gate)
                return [.. _entries.Keys];
        }
    }

    /// <summary>Adds a stub of the hosting process; reserved names are allowed.</summary>
    /// <param name="name">The name.</param>
    /// <param name="stub">The stub.</param>
    /// <exception cref="IpcException"><see cref="IpcError.NameTaken"/>, <see cref="IpcError.CheckParam"/>, <see cref="IpcError.LimitReached"/>.</exception>
    public void Add(string name, IpcStub stub)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(stub);
        RegistryName.Check(name);
        Insert(name, IpcProxy.ForLocal(stub), CallerIdentity.Self);
    }

    /// <summary>Removes a name, whoever added it.</summary>
    /// <param name="name">The name.</param>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Take(name, _ => true, out Entry? entry) && Tell(name, entry!, "removed by the hosting process");
    }

    /// <summary>The stub of a name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>A proxy that the caller disposes; null if there is none.</returns>
    public IpcProxy? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        lock (_gate)
            return _entries.TryGetValue(name, out Entry? entry) ? entry.Proxy.Share() : null;
    }

    /// <summary>Removes the names that a process added, as its session's end would.</summary>
    /// <param name="holder">The process.</param>
    /// <returns>The names.</returns>
    public IReadOnlyList<string> RemoveAllOf(CallerIdentity holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        string[] names;
        lock (_gate)
            names = [.. _entries.Where(e => e.Value.Owner.Equals(holder)).Select(e => e.Key)];
        return [.. names.Where(name => Take(name, e => e.Owner.Equals(holder), out Entry? entry) && Tell(name, entry!, $"process {holder.Pid} ended"))];
    }

    /// <inheritdoc/>
    protected internal override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        data.EnforceInterface(InterfaceDescriptor);
        string name = data.ReadString();
        if (code != RegistryCodes.List)
            RegistryName.Check(name);
        switch (code)
        {
            case RegistryCodes.Add:
                HandleAdd(name, data, context.Caller);
                return ValueTask.CompletedTask;
            case RegistryCodes.Get:
                Reply(reply, Find(name) ?? throw NotFound(name));
                return ValueTask.CompletedTask;
            case RegistryCodes.Check:
                HandleCheck(name, reply);
                return ValueTask.CompletedTask;
            case RegistryCodes.WaitFor:
                return HandleWaitAsync(name, TimeSpan.FromMilliseconds(Math.Clamp(data.ReadInt64(), 0, int.MaxValue)), reply, context);
            case RegistryCodes.Remove:
                HandleRemove(name, context.Caller);
                return ValueTask.CompletedTask;
            case RegistryCodes.List:
                HandleList(name, reply);
                return ValueTask.CompletedTask;
            default:
                throw new IpcException(IpcError.CodeOutOfRange, $"{InterfaceDescriptor} has no request {code}.");
        }
    }

    private static IpcException NotFound(string name) => new(IpcError.NotFound, $"Nothing is registered as \"{name}\".");

    private static void Reply(Parcel reply, IpcProxy proxy)
    {
        using (proxy)
            reply.WriteProxy(proxy);
    }

    private void HandleAdd(string name, Parcel data, CallerIdentity caller)
    {
        if (RegistryName.IsReserved(name))
            throw new IpcException(IpcError.PermissionDenied, $"\"{name}\" is reserved for the process that hosts the registry.");
        IpcProxy proxy = data.ReadProxy() ?? throw new IpcException(IpcError.CheckParam, $"No stub was given for \"{name}\".");
        Insert(name, proxy, caller);
    }

    private void HandleCheck(string name, Parcel reply)
    {
        if (Find(name) is { } found)
            Reply(reply, found);
        else
            reply.WriteNull();
    }

    private void HandleRemove(string name, CallerIdentity caller)
    {
        bool MayRemove(Entry entry) => caller.Uid == entry.Owner.Uid || caller.Uid == 0 || caller.Equals(CallerIdentity.Self);
        if (Take(name, MayRemove, out Entry? found))
            Tell(name, found!, $"removed by process {caller.Pid}");
        else if (found is null)
            throw NotFound(name);
        else
            throw new IpcException(IpcError.PermissionDenied, $"\"{name}\" belongs to user {found.Owner.Uid}, not to user {caller.Uid}.");
    }

    private void HandleList(string after, Parcel reply)
    {
        string[] names;
        lock (_gate)
            names = [.. _entries.Keys.SkipWhile(n => string.CompareOrdinal(n, after) <= 0).Take(NamesPerPage + 1)];
        int count = Math.Min(names.Length, NamesPerPage);
        reply.WriteInt32(count);
        foreach (string name in names.AsSpan(0, count))
            reply.WriteString(name);
        reply.WriteBoolean(names.Length > NamesPerPage);
    }

    private async ValueTask HandleWaitAsync(string name, TimeSpan wait, Parcel reply, CallContext context)
    {
        TaskCompletionSource<IpcProxy>? waiter = null;
        IpcProxy? found = null;
        lock (_gate)
        {
            if (_entries.TryGetValue(name, out Entry? entry))
                found = entry.Proxy.Share();
            else
                waiter = AddWaiter(name);
        }

        try
        {
            found ??= await waiter!.Task.WaitAsync(wait, _options.TimeProvider, context.Cancelled).ConfigureAwait(false);
            Reply(reply, found);
        }
        catch (TimeoutException)
        {
            throw new IpcException(IpcError.Timeout, $"Nothing was registered as \"{name}\" within {wait.TotalMilliseconds:0} ms.");
        }
        finally
        {
            if (waiter is not null)
                RemoveWaiter(name, waiter);
        }
    }

    private TaskCompletionSource<IpcProxy> AddWaiter(string name)
    {
        if (_waiters >= _options.MaxWaiters)
            throw LimitCounts.Error(nameof(RegistryOptions.MaxWaiters), _options.MaxWaiters, _waiters + 1, $"{_waiters} callers wait for names");
        _waiters++;
        var waiter = new TaskCompletionSource<IpcProxy>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.TryGetValue(name, out List<TaskCompletionSource<IpcProxy>>? waiters))
            _waiting.Add(name, waiters = []);
        waiters.Add(waiter);
        return waiter;
    }

    private void RemoveWaiter(string name, TaskCompletionSource<IpcProxy> waiter)
    {
        lock (_gate)
        {
            _waiters--;
            if (_waiting.TryGetValue(name, out List<TaskCompletionSource<IpcProxy>>? waiters) && waiters.Remove(waiter) && waiters.Count == 0)
                _waiting.Remove(name);
        }

        // It came in the same moment in which nobody waited any more.
        waiter.TrySetCanceled();
        if (waiter.Task.IsCompletedSuccessfully)
            waiter.Task.Result.Dispose();
    }

    private void Insert(string name, IpcProxy proxy, CallerIdentity owner)
    {
        var entry = new Entry(proxy, owner);
        try
        {
            lock (_gate)
            {
                CheckRoom(name, owner);
                _entries.Add(name, entry);
                if (_waiting.Remove(name, out List<TaskCompletionSource<IpcProxy>>? waiters))
                    waiters.ForEach(waiter => Serve(waiter, proxy));
            }
        }
        catch
        {
            proxy.Dispose();
            throw;
        }

        Watch(name, entry);
    }

    private static void Serve(TaskCompletionSource<IpcProxy> waiter, IpcProxy proxy)
    {
        IpcProxy share = proxy.Share();
        if (!waiter.TrySetResult(share))
            share.Dispose();
    }

    /// <summary>Only now that the entry is there: a death in between is told at once and finds it.</summary>
    private void Watch(string name, Entry entry)
    {
        try
        {
            entry.Proxy.AddDeathRecipient(notice =>
            {
                if (Take(name, e => e == entry, out _))
                    Tell(name, entry, $"its holder died: {notice.Reason}");
            });
        }
        catch (ObjectDisposedException)
        {
            // Removed in the meantime: nothing is left to be watched.
        }
    }

    private void CheckRoom(string name, CallerIdentity owner)
    {
        if (_entries.TryGetValue(name, out Entry? holder))
            throw new IpcException(IpcError.NameTaken, $"\"{name}\" is held by process {holder.Owner.Pid} of user {holder.Owner.Uid}.");
        if (_entries.Count >= _options.MaxNames)
            throw LimitCounts.Error(nameof(RegistryOptions.MaxNames), _options.MaxNames, _entries.Count + 1, $"{_entries.Count} names are registered");
        int ofUser = _entries.Values.Count(e => e.Owner.Uid == owner.Uid);
        if (ofUser >= _options.MaxNamesPerUid && !owner.Equals(CallerIdentity.Self))
            throw LimitCounts.Error(nameof(RegistryOptions.MaxNamesPerUid), _options.MaxNamesPerUid, ofUser + 1, $"User {owner.Uid} holds {ofUser} names");
    }

    private bool Take(string name, Func<Entry, bool> mayRemove, out Entry? found)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(name, out found) || !mayRemove(found))
                return false;
            _entries.Remove(name);
        }

        found.Proxy.Dispose();
        return true;
    }

    private bool Tell(string name, Entry entry, string reason)
    {
        Removed?.Invoke(new RegistryRemoval(name, entry.Owner, reason));
        return true;
    }

    private sealed record Entry(IpcProxy Proxy, CallerIdentity Owner)
    {
        public bool Equals(Entry? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}
