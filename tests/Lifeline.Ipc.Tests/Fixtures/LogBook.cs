using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Tests.Fixtures;

/// <summary>A log that can be waited for.</summary>
internal sealed class LogBook : ILogger
{
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly ConcurrentQueue<(string Part, Signal<string> Seen)> _awaited = [];

    internal IEnumerable<string> Lines => _lines;

    /// <summary>Completes with the next line that holds the text. Asked for before what causes it.</summary>
    internal Task<string> NextAsync(string part)
    {
        var seen = new Signal<string>();
        _awaited.Enqueue((part, seen));
        return seen.Task;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        string line = formatter(state, exception);
        _lines.Enqueue(line);
        foreach ((string part, Signal<string> seen) in _awaited)
        {
            if (line.Contains(part, StringComparison.Ordinal))
                seen.TrySetResult(line);
        }
    }
}
