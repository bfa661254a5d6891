namespace Lifeline.Ipc;

/// <summary>
/// A stub whose handler does not await: the fastest kind. Requests are handled where they are received, without another thread
/// and without allocating, as long as the handler is brief.
/// </summary>
/// <remarks>
/// A handler that takes longer than some milliseconds, or makes a blocking call, harms nobody: another thread takes the receiving
/// over at once, and the stub's requests run on the endpoint's workers for a while. For one that waits for something as a rule,
/// <see cref="IpcStub"/> is the better base. One-way calls of one session are handled in order; two-way calls of different sessions, and of one session
/// on several threads, may be handled at the same time.
/// </remarks>
/// <param name="descriptor">As for <see cref="IpcStub"/>.</param>
public abstract class SynchronousStub(string descriptor) : IpcStub(descriptor)
{
    /// <summary>Answers one call.</summary>
    /// <param name="code">The request: 1 to 0x00FFFFFF.</param>
    /// <param name="data">The request's data, read-only. It is valid until this method returns: then it is used for another call.</param>
    /// <param name="reply">Where the answer goes; ignored for a one-way call. Valid until this method returns.</param>
    /// <param name="context">Who calls. Valid until this method returns; <see cref="CallContext.Current"/> is not seen by what the handler starts elsewhere.</param>
    /// <remarks>Exceptions as for <see cref="IpcStub.OnRequestAsync"/>.</remarks>
    protected internal abstract void OnRequest(uint code, Parcel data, Parcel reply, CallContext context);

    /// <inheritdoc/>
    protected internal sealed override ValueTask OnRequestAsync(uint code, Parcel data, Parcel reply, CallContext context)
    {
        OnRequest(code, data, reply, context);
        return ValueTask.CompletedTask;
    }
}
