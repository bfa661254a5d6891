using System.Globalization;
using System.Text.RegularExpressions;
using Lifeline.Linux;

namespace Lifeline.Importing;

/// <summary>The keys of [Service] that are one key here.</summary>
internal static partial class SystemdKeys
{
    private static readonly Dictionary<string, Action<ImportedService, string>> Known = new(StringComparer.Ordinal)
    {
        ["WorkingDirectory"] = SetFolder,
        ["User"] = (service, value) => service.Set("user", TomlText.Of(value)),
        ["Group"] = (service, value) => service.Set("unix_group", TomlText.Of(value)),
        ["UMask"] = (service, value) => service.Set("umask", TomlText.Of(value)),
        ["Nice"] = (service, value) => service.Set("nice", value),
        ["LimitNOFILE"] = (service, value) => SetNumber(service, "limits.nofile", "LimitNOFILE", Soft(service, "LimitNOFILE", value)),
        ["LimitCORE"] = (service, value) => SetBytes(service, "limits.core", "LimitCORE", Soft(service, "LimitCORE", value)),
        ["MemoryMax"] = (service, value) => SetBytes(service, "limits.memory", "MemoryMax", value),
        ["MemoryLimit"] = (service, value) => SetBytes(service, "limits.memory", "MemoryLimit", value),
        ["TasksMax"] = (service, value) => SetNumber(service, "limits.processes", "TasksMax", value),
        ["TimeoutStartSec"] = (service, value) => SetSpan(service, "ready_timeout", "TimeoutStartSec", value),
        ["TimeoutStopSec"] = (service, value) => SetSpan(service, "stop.timeout", "TimeoutStopSec", value),
        ["TimeoutSec"] = (service, value) =>
        {
            SetSpan(service, "ready_timeout", "TimeoutSec", value);
            SetSpan(service, "stop.timeout", "TimeoutSec", value);
        },
        ["WatchdogSec"] = (service, value) => SetSpan(service, "heartbeat", "WatchdogSec", value),
        ["KillSignal"] = (service, value) => SetSignal(service, "stop.signal", "KillSignal", value),
        ["WatchdogSignal"] = (service, value) => SetSignal(service, "stop.hung_signal", "WatchdogSignal", value),
        ["KillMode"] = (service, value) =>
        {
            if (value is not ("control-group" or "mixed")) service.Note($"KillMode={value}", "the whole process tree is always ended before the next start");
        },
        ["SuccessExitStatus"] = SetExitCodes,
        ["ExecReload"] = SetReload,
        ["ExecStop"] = (service, value) => service.Note($"ExecStop={value}", "it is stopped with stop.signal"),
        ["ExecStartPost"] = (service, value) => service.Note($"ExecStartPost={value}", "no equal; a ready_probe with exec runs a command until it succeeds"),
        ["Restart"] = (_, _) => { },
        ["RemainAfterExit"] = (_, _) => { },
        ["IgnoreSIGPIPE"] = (service, value) => service.Note($"IgnoreSIGPIPE={value}", "signals begin with their defaults; output never breaks with a SIGPIPE"),
        ["FileDescriptorStoreMax"] = (_, _) => { },
    };

    public static bool Knows(string key) => Known.ContainsKey(key);

    public static void Translate(ImportedService service, IniEntry entry)
    {
        if (entry.Value.Length > 0 && Known.TryGetValue(entry.Key, out var translate)) translate(service, entry.Value);
    }

    public static bool IsTrue(string text) => text.ToLowerInvariant() is "1" or "yes" or "true" or "on" or "y" or "t";

    /// <summary>"1min 30s", "500ms", "5"; null for "infinity" and what is none.</summary>
    public static TimeSpan? TryReadSpan(string text)
    {
        double total = 0;
        var matches = SpanPart().Matches(text);
        if (matches.Count == 0 || string.Concat(matches.Select(match => match.Value)).Length != text.Length) return null;
        foreach (Match match in matches)
        {
            total += double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * match.Groups[2].Value switch
            {
                "us" => 0.001,
                "ms" or "msec" => 1,
                "m" or "min" or "minute" or "minutes" => 60_000,
                "h" or "hr" or "hour" or "hours" => 3_600_000,
                "d" or "day" or "days" => 86_400_000,
                _ => 1000,
            };
        }
        return TimeSpan.FromMilliseconds(total);
    }

    private static void SetFolder(ImportedService service, string value)
    {
        var path = value.TrimStart('-');
        service.Set("cwd", TomlText.Of(path == "~" ? "/root" : path));
        if (value.StartsWith('-')) service.Note($"WorkingDirectory={value}", "systemd starts it in / where that folder is missing; here it is not started without its cwd");
    }

    private static void SetSpan(ImportedService service, string key, string name, string value)
    {
        if (TryReadSpan(value) is { } span && span > TimeSpan.Zero) service.Set(key, TomlText.Of(key == "stop.timeout" && span > TimeSpan.FromHours(1) ? TimeSpan.FromHours(1) : span));
        else if (key != "heartbeat" || value != "0") service.Note($"{name}={value}", $"{key} has an upper bound; give one");
    }

    private static void SetNumber(ImportedService service, string key, string name, string value)
    {
        if (value == "infinity") return;
        if (long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) service.Set(key, TomlText.Of(number));
        else service.Note($"{name}={value}", $"give {key} as a number");
    }

    // "500:1000" are a soft and a hard limit; what a process meets is the first.
    private static string Soft(ImportedService service, string name, string value)
    {
        var parts = value.Split(':');
        if (parts.Length > 1 && parts[1] != parts[0]) service.Note($"{name}={value}", "a limit is soft and hard in one");
        return parts[0];
    }

    private static void SetBytes(ImportedService service, string key, string name, string value)
    {
        if (value == "infinity") return;
        var match = Bytes().Match(value);
        if (!match.Success)
        {
            service.Note($"{name}={value}", $"give {key} as a size");
            return;
        }
        var factor = match.Groups[2].Value switch { "K" => 1L << 10, "M" => 1L << 20, "G" => 1L << 30, "T" => 1L << 40, _ => 1L };
        var bytes = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * factor;
        service.Set(key, bytes == 0 ? "0" : TomlText.OfSize(bytes));
    }

    private static void SetSignal(ImportedService service, string key, string name, string value)
    {
        if (Signals.TryParse(value) is null) service.Note($"{name}={value}", "not a signal");
        else service.Set(key, TomlText.Of(value));
    }

    private static void SetExitCodes(ImportedService service, string value)
    {
        var codes = new SortedSet<int> { 0 };
        foreach (var word in value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var code)) codes.Add(code);
            else service.Note($"SuccessExitStatus={word}", "only exit codes can be a success");
        }
        service.Set("success_exit_codes", TomlText.Of(codes));
    }

    private static void SetReload(ImportedService service, string value)
    {
        var match = KillMain().Match(value);
        if (match.Success && Signals.TryParse(match.Groups[1].Value) is not null) service.Set("reload_signal", TomlText.Of(match.Groups[1].Value));
        else service.Note($"ExecReload={value}", "a reload is a signal here: reload_signal");
    }

    [GeneratedRegex(@"\s*(\d+(?:\.\d+)?)\s*(us|msec|ms|seconds|second|sec|s|minutes|minute|min|m|hours|hour|hr|h|days|day|d)?\s*")]
    private static partial Regex SpanPart();

    [GeneratedRegex(@"^(\d+(?:\.\d+)?)([KMGT]?)B?$")]
    private static partial Regex Bytes();

    [GeneratedRegex(@"kill\s+(?:-s\s+|-)(?:SIG)?(\w+)\s+\$\{?MAINPID\}?$")]
    private static partial Regex KillMain();
}
