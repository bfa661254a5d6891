using System.Globalization;
using Lifeline.Journal;

namespace Lifeline.Alerting;

/// <summary>What is delivered at once: one alert, or a crowd of the same kind.</summary>
/// <param name="Items">At least one, in the order in which they happened.</param>
internal sealed record AlertMessage(IReadOnlyList<AlertItem> Items)
{
    /// <summary>Services named in the text of a crowd; more are counted.</summary>
    public const int MaxNamed = 20;

    /// <summary>The number of the first: the same when the same message is sent again.</summary>
    public long Id => Items[0].Entry.Id;

    public Alert First => Items[0].Alert;

    public int Count => Items.Count;

    public IReadOnlyList<string> Services => [.. Items.Select(item => item.Alert.Service).Where(service => service.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>A few words, for a subject or a headline.</summary>
    public string Title
    {
        get
        {
            var who = First.Service.Length == 0 ? "Lifeline" : First.Service;
            if (Services.Count > 1)
                who = string.Create(CultureInfo.InvariantCulture, $"{Services.Count} services");
            return First.Resolved ? $"over: {who} ({First.Rule})" : $"{who}: {First.Rule}";
        }
    }

    /// <summary>One sentence.</summary>
    public string Text
    {
        get
        {
            if (Count == 1)
                return First.Text;
            var names = Services;
            var listed = string.Join(", ", names.Take(MaxNamed));
            if (names.Count > MaxNamed)
                listed += string.Create(CultureInfo.InvariantCulture, $" and {names.Count - MaxNamed} more");
            return First.Resolved
                ? string.Create(CultureInfo.InvariantCulture, $"{Count} alerts are over ({First.Rule}): {listed}")
                : string.Create(CultureInfo.InvariantCulture, $"{Count} alerts ({First.Rule}): {listed}");
        }
    }
}

/// <summary>One alert of a message.</summary>
/// <param name="Entry">As the outbox keeps it.</param>
/// <param name="Alert">The same, read.</param>
internal sealed record AlertItem(OutboxEntry Entry, Alert Alert);
