using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>Stubs whose handlers run where requests are received.</summary>
internal static class InlineStubs
{
    /// <summary>Whether this code runs on a thread that receives, and not on a worker.</summary>
    internal static bool IsInline => Thread.CurrentThread.Name?.Contains("-recv", StringComparison.Ordinal) == true;

    internal static SynchronousDelegateStub Of(Action<uint, Parcel, Parcel, CallContext> handler) => new(Stubs.Descriptor, handler);

    internal static SynchronousDelegateStub Increment() => Of((_, data, reply, _) => reply.WriteInt32(data.ReadInt32() + 1));

    /// <summary>Calls until a handler says that it ran where it was received: on a loaded machine it may lose that right for a while.</summary>
    internal static void CallUntil(this IpcProxy proxy, uint code, Func<bool> hasRun)
    {
        long end = Environment.TickCount64 + (long)Deadline.Limit.TotalMilliseconds;
        while (!hasRun())
        {
            Assert.True(Environment.TickCount64 < end, "no handler ran where it was received");
            proxy.CallInt(code, 0);
        }
    }

    /// <summary>Runs something on a thread of its own.</summary>
    internal static Task OnThread(Action action) =>
        Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
