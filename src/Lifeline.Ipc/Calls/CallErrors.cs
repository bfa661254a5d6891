using Lifeline.Ipc.Protocol;

namespace Lifeline.Ipc.Calls;

/// <summary>The errors of calls, with the limits and settings that they come from.</summary>
internal static class CallErrors
{
    internal static IpcException Timeout(uint code, TimeSpan limit, string peer) => new(
        IpcError.Timeout,
        $"No reply to code {code} from {peer} within {limit.TotalMilliseconds:0} ms; the call's timeout or {nameof(IpcEndpointOptions.CallTimeout)} changes that. It may still be executed.");

    internal static IpcLimitException QueueFull(IpcEndpoint endpoint, string peer, Hello window) => endpoint.Limits.Reached(
        nameof(IpcEndpointOptions.OutboxBytes),
        endpoint.Options.OutboxBytes,
        endpoint.Options.OutboxBytes + 1L,
        $"{peer} does not take requests fast enough (it holds {window.WindowMessages} of {window.WindowBytes} bytes at once: {nameof(IpcEndpointOptions.InboxMessages)} and {nameof(IpcEndpointOptions.InboxBytes)} there), so that more bytes would wait here than may, and nothing was queued",
        IpcError.QueueFull);

    internal static IpcLimitException TooManyCalls(IpcEndpoint endpoint, string peer) => endpoint.Limits.Reached(
        nameof(IpcEndpointOptions.MaxPendingCalls),
        endpoint.Options.MaxPendingCalls,
        endpoint.Options.MaxPendingCalls + 1L,
        $"{endpoint.Options.MaxPendingCalls} calls to {peer} wait for replies");
}
