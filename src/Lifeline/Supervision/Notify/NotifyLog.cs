using System.Collections.Concurrent;
using System.Globalization;

namespace Lifeline.Supervision;

/// <summary>Says why messages of services were dropped: at most one line for each service in a while, with the number of those between. Thread-safe.</summary>
internal sealed class NotifyLog(Action<string> write, TimeProvider time)
{
    /// <summary>Least spacing of two lines about one service.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Count> _counts = new(StringComparer.Ordinal);

    public void Dropped(string service, string reason)
    {
        var count = _counts.GetOrAdd(service, static _ => new Count());
        long silent;
        lock (count)
        {
            if (count.SaidAt is { } at && time.GetElapsedTime(at) < Spacing)
            {
                count.Silent++;
                return;
            }

            count.SaidAt = time.GetTimestamp();
            (silent, count.Silent) = (count.Silent, 0);
        }

        var more = silent == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({silent} others since the last line about it)");
        write($"a message through the notify socket of {service} is dropped: {reason}{more}");
    }

    public void Forget(string service) => _counts.TryRemove(service, out _);

    private sealed class Count
    {
        public long? SaidAt { get; set; }

        public long Silent { get; set; }
    }
}
