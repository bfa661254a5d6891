using System.Threading.Tasks.Sources;
using Lifeline.Linux;

namespace Lifeline.Ipc;

/// <summary>The asynchronous wait of one stream for its socket; one at a time. It may end without cause: the caller looks again.</summary>
internal sealed class StreamWait : IValueTaskSource
{
    private readonly Descriptor _descriptor;
    private readonly ulong _tag;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private int _pending;

    internal StreamWait(Descriptor descriptor)
    {
        _descriptor = descriptor;
        _tag = StreamWaits.Shared.Add(this, descriptor);
    }

    internal async ValueTask WaitAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _core.Reset();
        Volatile.Write(ref _pending, 1);
        await using (cancellation.UnsafeRegister(static wait => ((StreamWait)wait!).Wake(), this).ConfigureAwait(false))
        {
            StreamWaits.Shared.Arm(_descriptor, _tag);
            await new ValueTask(this, _core.Version).ConfigureAwait(false);
        }

        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Ends the wait, if there is one. Safe for any thread.</summary>
    internal void Wake()
    {
        if (Interlocked.Exchange(ref _pending, 0) == 1)
            _core.SetResult(true);
    }

    internal void End()
    {
        try
        {
            StreamWaits.Shared.Remove(_descriptor, _tag);
        }
        catch (LinuxException)
        {
            // Closed already, which removes it as well.
        }

        Wake();
    }

    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
