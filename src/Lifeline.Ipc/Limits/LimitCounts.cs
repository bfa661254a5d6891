using System.Collections.Concurrent;

namespace Lifeline.Ipc.Limits;

/// <summary>How often each limit of an endpoint was met, and the errors that say so, in one wording.</summary>
internal sealed class LimitCounts
{
    private readonly ConcurrentDictionary<string, long> _reached = [];

    /// <summary>The limits that were met, by the name of their setting. As many as there are settings at most.</summary>
    internal IEnumerable<KeyValuePair<string, long>> Reached() => _reached;

    /// <summary>Counts, and makes the error.</summary>
    /// <param name="setting">The property of <see cref="IpcEndpointOptions"/>.</param>
    /// <param name="limit">Its value.</param>
    /// <param name="value">What it would have become.</param>
    /// <param name="what">The beginning of the message: what there is, with its number.</param>
    /// <param name="error">The error number.</param>
    internal IpcLimitException Reached(string setting, long limit, long value, string what, IpcError error = IpcError.LimitReached)
    {
        Count(setting);
        return Error(setting, limit, value, what, error);
    }

    /// <summary>Makes the error without counting.</summary>
    internal static IpcLimitException Error(string setting, long limit, long value, string what, IpcError error = IpcError.LimitReached) =>
        new(error, setting, limit, value, $"{what}; {setting} allows {limit}.");

    internal void Count(string setting) => _reached.AddOrUpdate(setting, 1, static (_, count) => count + 1);
}
