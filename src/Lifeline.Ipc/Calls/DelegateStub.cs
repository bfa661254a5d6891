namespace Lifeline.Ipc;

/// <summary>A stub whose handler is a delegate, for small uses.</summary>
/// <param name="descriptor">The name of the interface.</param>
/// <param name="handler">Answers the calls, as <see cref="IpcStub.OnRequestAsync"/> says.</param>
public sealed class DelegateStub(string descriptor, Func<uint, Parcel, Parcel, CallContext, ValueTask> handler) : IpcStub(descriptor)
{
    private readonly Func<uint, Parcel, Parcel, CallContext, ValueTask> _handler = handler ?? throw new ArgumentNullException(nameof(handler));
    private readonly Action? _unreferenced;

    /// <summary>Makes a stub that also hears when nobody holds it any more.</summary>
    /// <param name="descriptor">The name of the interface.</param>
    /// <param name="handler">Answers the calls.</param>
    /// <param name="unreferenced">Called as <see cref="IpcStub.OnUnreferenced"/> says.</param>
    public DelegateStub(string descriptor, Func<uint, Parcel, Parcel, CallContext, ValueTask> handler, Action unreferenced)
        : this(descriptor, handler) => _unreferenced = unreferenced;

    /// <inheritdoc/>
    protected internal override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context) =>
        _handler(code, data, reply, context);

    /// <inheritdoc/>
    protected internal override void OnUnreferenced() => _unreferenced?.Invoke();
}

/// <summary>A stub whose handler is a delegate that does not await, for small uses.</summary>
/// <param name="descriptor">The name of the interface.</param>
/// <param name="handler">Answers the calls, as <see cref="SynchronousStub.OnRequest"/> says.</param>
public sealed class SynchronousDelegateStub(string descriptor, Action<uint, Parcel, Parcel, CallContext> handler) : SynchronousStub(descriptor)
{
    private readonly Action<uint, Parcel, Parcel, CallContext> _handler = handler ?? throw new ArgumentNullException(nameof(handler));

    /// <inheritdoc/>
    protected internal override void OnRequest(uint code, Parcel data, Parcel reply, CallContext context) => _handler(code, data, reply, context);
}
