namespace Lifeline.Ipc.Calls;

/// <summary>The errors of calls, with the limits and settings that they come from.</summary>
internal static class CallErrors
{
    internal static IpcException Timeout(uint code, TimeSpan limit, string peer) => new(
        IpcError.Timeout,
        $"No reply to code {code} from {peer} within {limit.TotalMilliseconds:0} ms; the call's timeout or {nameof(IpcEndpointOptions.CallTimeout)} changes that. It may still be executed.");

    internal static IpcException QueueFull(int limit, string peer) => new(
        IpcError.QueueFull,
        $"{peer} does not take requests fast enough: more than {nameof(IpcEndpointOptions.OutboxBytes)} ({limit} bytes) wait for it. Nothing was queued.");

    internal static IpcException TooManyCalls(int limit, string peer) => new(
        IpcError.LimitReached,
        $"{limit} calls to {peer} wait for replies; {nameof(IpcEndpointOptions.MaxPendingCalls)} changes that.");
}
