namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>Does something again and again beside a test. Disposed of before what it uses, it ends first, also when the test fails: memory that is gone by then would end the test run.</summary>
internal sealed class Flood : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Task _running;

    internal Flood(Action step) => _running = Task.Run(() =>
    {
        while (!_over.IsCancellationRequested)
            step();
    });

    /// <summary>Ends it.</summary>
    /// <exception cref="Exception">What a step has thrown.</exception>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _running.Soon();
    }
}
