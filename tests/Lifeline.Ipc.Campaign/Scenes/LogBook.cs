using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>What the victim logs: how each session ended, and whether something happened that nobody foresaw.</summary>
internal sealed class LogBook : ILogger
{
    private const int MaxReasons = 64;
    private const int MaxKept = 100;

    private readonly ConcurrentDictionary<string, int> _reasons = [];
    private readonly ConcurrentQueue<string> _unforeseen = [];
    private int _ended;
    private int _violations;
    private int _withoutReason;

    /// <summary>Sessions whose end was logged.</summary>
    internal int Ended => Volatile.Read(ref _ended);

    /// <summary>Of those, the ones without a reason: never.</summary>
    internal int WithoutReason => Volatile.Read(ref _withoutReason);

    /// <summary>Warnings that a peer broke the protocol.</summary>
    internal int Violations => Volatile.Read(ref _violations);

    /// <summary>Critical: faults of the victim's own.</summary>
    internal IReadOnlyCollection<string> Unforeseen => _unforeseen;

    /// <summary>The reasons with their numbers replaced, and how often; the most frequent first.</summary>
    internal IEnumerable<(string Reason, int Count)> Reasons => _reasons.OrderByDescending(r => r.Value).Select(r => (r.Key, r.Value));

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (logLevel == LogLevel.Critical && _unforeseen.Count < MaxKept)
            _unforeseen.Enqueue($"{formatter(state, exception)} {exception}");
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
            return;
        switch (Value(values, "{OriginalFormat}"))
        {
            case "{Session} ended: {Reason}":
                Interlocked.Increment(ref _ended);
                Count(Value(values, "Reason"));
                break;
            case "{Session} broke the protocol: {What}":
                Interlocked.Increment(ref _violations);
                break;
        }
    }

    private static string? Value(IReadOnlyList<KeyValuePair<string, object?>> values, string name)
    {
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i].Key == name)
                return values[i].Value as string;
        }

        return null;
    }

    private void Count(string? reason)
    {
        if (string.IsNullOrWhiteSpace(reason))
        {
            Interlocked.Increment(ref _withoutReason);
            return;
        }

        string kind = new([.. reason.Where(c => !char.IsDigit(c)).Take(110)]);
        if (_reasons.Count < MaxReasons || _reasons.ContainsKey(kind))
            _reasons.AddOrUpdate(kind, 1, (_, count) => count + 1);
    }
}
