namespace Lifeline.Ipc;

/// <summary>Sees the beginning and the end of each call that goes out of an endpoint and of each request that comes in: <see cref="IpcEndpointOptions.Tracer"/>.</summary>
/// <remarks>
/// The methods are called on the threads of the calls, several at once, and hold them up: be quick. What they throw is logged and ignored. Without a
/// tracer a call pays nothing but the question whether there is one. Calls inside the process are not traced.
/// </remarks>
public abstract class IpcTracer
{
    /// <summary>A call or one-way call of this process begins. What is set in <see cref="AsyncLocal{T}"/>s lasts until its end.</summary>
    /// <param name="call">The call.</param>
    /// <returns>Anything; it is given to <see cref="CallEnded"/>.</returns>
    protected internal virtual object? CallStarting(in IpcTrace call) => null;

    /// <summary>It has its reply, failed, or, if it is one-way, is queued.</summary>
    /// <param name="state">What <see cref="CallStarting"/> returned.</param>
    /// <param name="call">The call.</param>
    /// <param name="failure">Why it failed; null if it did not.</param>
    protected internal virtual void CallEnded(object? state, in IpcTrace call, Exception? failure)
    {
    }

    /// <summary>The handler of a request is about to be called. What is set in <see cref="AsyncLocal{T}"/>s is seen by the handler.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Anything; it is given to <see cref="RequestEnded"/>.</returns>
    protected internal virtual object? RequestStarting(in IpcTrace request) => null;

    /// <summary>The request was answered.</summary>
    /// <param name="state">What <see cref="RequestStarting"/> returned.</param>
    /// <param name="request">The request.</param>
    /// <param name="error">With which error; <see cref="IpcError.None"/> for none.</param>
    protected internal virtual void RequestEnded(object? state, in IpcTrace request, IpcError error)
    {
    }
}
