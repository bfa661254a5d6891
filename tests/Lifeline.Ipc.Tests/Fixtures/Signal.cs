namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Something that happens once. Whoever waits goes on elsewhere, never on the thread that tells it: that may be a worker or the obituary lane.</summary>
internal sealed class Signal() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

/// <summary>The same with a value.</summary>
internal sealed class Signal<T>() : TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
