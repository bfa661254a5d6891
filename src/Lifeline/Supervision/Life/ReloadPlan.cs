using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lifeline.Configuration;

namespace Lifeline.Supervision;

/// <summary>What a reload would do, for people: which services are new, removed, restarted or changed as they run, and by which keys.</summary>
internal static class ReloadPlan
{
    // Where the name of a key does not follow from the property's.
    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["WorkingDirectory"] = "cwd",
        ["Environment"] = "env",
        ["InheritEnvironment"] = "inherit_env",
        ["Identity"] = "user",
    };

    // What is no key: names and places.
    private static readonly HashSet<string> NoKeys = new(["Name", "Family", "Instance", "Location"], StringComparer.Ordinal);

    // What Lifeline takes over only when it is started.
    private static readonly HashSet<string> OfStart = new(["present_as", "exit_with"], StringComparer.Ordinal);

    public static List<string> Of(LifelineConfiguration old, LifelineConfiguration next)
    {
        var changes = new List<string>();
        AddServices(old, next, changes);
        foreach (var key in Differences(old.Monitor, next.Monitor, AcceptedConfigurationJson.Default.MonitorSettings))
            changes.Add(OfStart.Contains(key) ? $"[monitor] {key}: changes when lifeline is started again" : $"[monitor] {key}: changes now");
        Add("groups", old.Groups, next.Groups, group => group.Name, AcceptedConfigurationJson.Default.GroupConfiguration, changes);
        Add("alerts", old.Alerts, next.Alerts, alert => alert.Name, AcceptedConfigurationJson.Default.AlertConfiguration, changes);
        return changes;
    }

    private static void AddServices(LifelineConfiguration old, LifelineConfiguration next, List<string> changes)
    {
        var before = old.Services.ToDictionary(service => service.Name, StringComparer.Ordinal);
        foreach (var service in next.Services)
        {
            if (!before.Remove(service.Name, out var was))
                changes.Add($"{service.Name}: new");
            else if (Differences(was with { Location = service.Location }, service, AcceptedConfigurationJson.Default.ServiceConfiguration) is { Count: > 0 } keys)
                changes.Add(CoreConfiguration.LaunchKeyOf(was) != CoreConfiguration.LaunchKeyOf(service)
                    ? $"{service.Name}: restarts if it runs{(service.Restart == RestartRule.Never ? "" : " or has failed")} ({string.Join(", ", keys)})"
                    : $"{service.Name}: changes as it runs ({string.Join(", ", keys)})");
        }

        changes.AddRange(before.Keys.Select(name => $"{name}: stops (removed)"));
    }

    private static void Add<T>(
        string table, IReadOnlyList<T> old, IReadOnlyList<T> next, Func<T, string> nameOf, JsonTypeInfo<T> type, List<string> changes)
    {
        var before = old.ToDictionary(nameOf, StringComparer.Ordinal);
        foreach (var one in next)
        {
            if (!before.Remove(nameOf(one), out var was))
                changes.Add($"[{table}.{nameOf(one)}]: new");
            else if (Differences(was, one, type) is { Count: > 0 } keys)
                changes.Add($"[{table}.{nameOf(one)}]: changes now ({string.Join(", ", keys)})");
        }

        changes.AddRange(before.Keys.Select(name => $"[{table}.{name}]: removed"));
    }

    private static List<string> Differences<T>(T old, T next, JsonTypeInfo<T> type)
    {
        var (was, now) = (JsonSerializer.SerializeToUtf8Bytes(old, type), JsonSerializer.SerializeToUtf8Bytes(next, type));
        var keys = new List<string>();
        // Of thousands of services nearly all are what they were.
        if (was.AsSpan().SequenceEqual(now)) return keys;
        using var before = JsonDocument.Parse(was);
        using var after = JsonDocument.Parse(now);
        foreach (var property in after.RootElement.EnumerateObject())
        {
            if (NoKeys.Contains(property.Name)) continue;
            if (before.RootElement.TryGetProperty(property.Name, out var former) && former.GetRawText() == property.Value.GetRawText()) continue;
            keys.Add(Keys.GetValueOrDefault(property.Name) ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }

        return keys;
    }
}
