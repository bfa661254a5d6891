using System.Globalization;
using System.Text.Json;
using Lifeline.Configuration;

namespace Lifeline.Cli.Rendering;

/// <summary>The data of what was seen of a service from outside, in words: silence, hangs, probes.</summary>
internal static class WatchWords
{
    public static List<string> Hung(EventData data)
    {
        var words = Silence(data);
        if (data.Flag("told") == true) words.Add("by its own word");
        if (data.Flag("extended") == true)
            words.Add($"after more time than usual{(data.Text("extended_because") is { } reason ? $", because {Because(reason)}" : "")}");
        else
            _ = data.Text("extended_because");
        if (MainThread(data) is { } main) words.Add(main);
        if (data.Element("output") is { ValueKind: JsonValueKind.Array } lines && lines.GetArrayLength() is var count and > 0)
            words.Add($"last line {EventData.Plain(lines[count - 1])}");
        return words;
    }

    public static List<string> Extended(EventData data)
    {
        var words = Silence(data);
        words.Add($"but {Because(data.Text("reason") ?? "")}");
        if (data.Number("by_ms") is { } more) words.Add($"given {Durations.Format(more)} more");
        return words;
    }

    public static List<string> Probe(EventData data)
    {
        var which = data.Text("probe") == "ready_probe" ? "readiness probe" : "probe";
        var failures = data.Number("failures") ?? 0;
        var words = new List<string>
        {
            data.Flag("good") == true ? $"{which} is good again" : string.Create(CultureInfo.InvariantCulture, $"{which} failed, {failures} in a row"),
        };
        if (data.Text("text") is { Length: > 0 } text) words.Add(text);
        return words;
    }

    public static List<string> OverLimit(EventData data)
    {
        var words = new List<string>();
        if (data.Number("memory_bytes") is { } bytes) words.Add($"{data.Text("limit") ?? "memory"} {Mebibytes(bytes)}");
        else _ = data.Text("limit");
        if (data.Number("limit_bytes") is { } limit) words.Add($"limit {Mebibytes(limit)}");
        if (data.Number("processes") is { } processes) words.Add(string.Create(CultureInfo.InvariantCulture, $"{processes} processes and threads"));
        if (data.Number("limit_processes") is { } most) words.Add(string.Create(CultureInfo.InvariantCulture, $"limit {most}"));
        words.Add(data.Flag("kernel") == true ? "held by the kernel" : "measured");
        return words;
    }

    private static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 20):0.#} MiB");

    private static List<string> Silence(EventData data) =>
        data.Number("silent_ms") is { } silent ? [$"no sign of life for {Durations.Format(silent)}"] : [];

    private static string Because(string reason) => reason switch
    {
        "monitor_late" => "the monitor itself was late",
        "starved" => "it got no processor",
        "suspended" => "the machine was suspended",
        "memory_pressure" => "the whole machine waited for memory",
        "frozen" => "its control group is frozen",
        "no_look" => "the look at it gave no answer in time",
        "traced" => "a debugger holds it",
        _ => reason,
    };

    private static string? MainThread(EventData data)
    {
        var state = data.Text("state");
        var count = data.Number("thread_count");
        var where = data.Element("threads") is { ValueKind: JsonValueKind.Array } threads && threads.GetArrayLength() > 0
            && threads[0].TryGetProperty("wchan", out var channel) && channel.ValueKind == JsonValueKind.String
            ? $" in {channel.GetString()}"
            : "";
        if (state is null) return null;
        return string.Create(CultureInfo.InvariantCulture, $"main thread {StateWord(state)}{where}{(count > 1 ? $", {count} threads" : "")}");
    }

    private static string StateWord(string state) => state switch
    {
        "R" => "runs",
        "S" => "sleeps",
        "D" => "is stuck in the kernel",
        "T" => "was stopped by a signal",
        "t" => "was stopped by a debugger",
        _ => state,
    };
}
