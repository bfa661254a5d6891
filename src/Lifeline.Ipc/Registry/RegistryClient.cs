using Lifeline.Ipc.Registry;

namespace Lifeline.Ipc;

/// <summary>A registry in another process. Thread-safe.</summary>
/// <param name="registry">A proxy of the registry, such as the root of a session; it still belongs to the caller.</param>
public sealed class RegistryClient(IpcProxy registry)
{
    private readonly IpcProxy _registry = registry ?? throw new ArgumentNullException(nameof(registry));

    /// <summary>Registers a stub of this process. The name is free again when this process's session with the registry ends.</summary>
    /// <param name="name">1 to <see cref="IpcRegistry.MaxNameLength"/> of A-Z a-z 0-9 _ . -</param>
    /// <param name="stub">The stub.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A task that completes when it is registered.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.NameTaken"/>, <see cref="IpcError.PermissionDenied"/> (a reserved name), <see cref="IpcError.CheckParam"/> (no name), <see cref="IpcError.LimitReached"/>, or the call failed.</exception>
    public async ValueTask AddAsync(string name, IpcStub stub, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stub);
        using Parcel data = Request(name);
        data.WriteStub(stub);
        (await _registry.CallAsync(RegistryCodes.Add, data, null, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>Fetches the stub of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A proxy with a session of its own to the holder; the caller disposes it. It may be dead by the time it is here.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.NotFound"/>, or the call failed.</exception>
    public async ValueTask<IpcProxy> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        using Parcel data = Request(name);
        using Parcel reply = await _registry.CallAsync(RegistryCodes.Get, data, null, cancellationToken).ConfigureAwait(false);
        return Read(reply, name);
    }

    /// <summary>Fetches the stub of a name if there is one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A proxy that the caller disposes; null if nothing has that name.</returns>
    /// <exception cref="IpcException">The call failed.</exception>
    public async ValueTask<IpcProxy?> CheckAsync(string name, CancellationToken cancellationToken = default)
    {
        using Parcel data = Request(name);
        using Parcel reply = await _registry.CallAsync(RegistryCodes.Check, data, null, cancellationToken).ConfigureAwait(false);
        return reply.ReadProxy();
    }

    /// <summary>Waits until a name is registered and fetches its stub.</summary>
    /// <param name="name">The name.</param>
    /// <param name="timeout">How long to wait, up to 24 days.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A proxy that the caller disposes.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.Timeout"/>, or the call failed.</exception>
    public async ValueTask<IpcProxy> WaitForAsync(string name, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using Parcel data = Request(name);
        data.WriteInt64((long)timeout.TotalMilliseconds);
        // The registry answers in time itself; the call's own limit is for a registry that hangs.
        TimeSpan limit = timeout.TotalMilliseconds >= int.MaxValue / 2 ? Timeout.InfiniteTimeSpan : timeout + TimeSpan.FromSeconds(5);
        using Parcel reply = await _registry.CallAsync(RegistryCodes.WaitFor, data, limit, cancellationToken).ConfigureAwait(false);
        return Read(reply, name);
    }

    /// <summary>Removes a name; the user who added it may, root, and the hosting process.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>A task that completes when it is gone.</returns>
    /// <exception cref="IpcException"><see cref="IpcError.NotFound"/>, <see cref="IpcError.PermissionDenied"/>, or the call failed.</exception>
    public async ValueTask RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        using Parcel data = Request(name);
        (await _registry.CallAsync(RegistryCodes.Remove, data, null, cancellationToken).ConfigureAwait(false)).Dispose();
    }

    /// <summary>All names, in ordinal order.</summary>
    /// <param name="cancellationToken">Releases the caller.</param>
    /// <returns>The names.</returns>
    /// <exception cref="IpcException">The call failed.</exception>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        List<string> names = [];
        bool more = true;
        while (more)
        {
            using Parcel data = Request(names.Count == 0 ? "" : names[^1]);
            using Parcel reply = await _registry.CallAsync(RegistryCodes.List, data, null, cancellationToken).ConfigureAwait(false);
            int count = reply.ReadInt32();
            for (int i = 0; i < count; i++)
                names.Add(reply.ReadString());
            more = reply.ReadBoolean() && count > 0;
        }

        return names;
    }

    private static IpcProxy Read(Parcel reply, string name) =>
        reply.ReadProxy() ?? throw new IpcException(IpcError.NotFound, $"Nothing is registered as \"{name}\".");

    private static Parcel Request(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var data = new Parcel();
        data.WriteInterfaceToken(IpcRegistry.InterfaceDescriptor);
        data.WriteString(name);
        return data;
    }
}
