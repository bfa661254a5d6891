using System.Text;
using System.Text.Json;
using Lifeline.Linux;

namespace Lifeline.Supervision;

/// <summary>The data of the monitor's own events.</summary>
internal static class MonitorEvents
{
    /// <summary>Lines of an event's list; more are counted.</summary>
    private const int MaxLines = 50;

    public static string Started(string version, int keeperPid, string method) => Write(json =>
    {
        json.WriteString("version", version);
        json.WriteNumber("pid", CurrentProcess.Id);
        json.WriteNumber("keeper_pid", keeperPid);
        json.WriteString("control_groups", method);
    });

    public static string ReloadRefused(IReadOnlyList<string> errors) => Write(json =>
    {
        json.WriteBoolean("applied", false);
        WriteLines(json, "errors", errors);
    });

    public static string OutputLost(long bytes, string because) => Write(json =>
    {
        json.WriteNumber("bytes", bytes);
        json.WriteString("because", because);
    });

    private static void WriteLines(Utf8JsonWriter json, string name, IReadOnlyList<string> lines)
    {
        json.WriteStartArray(name);
        foreach (var line in lines.Take(MaxLines))
            json.WriteStringValue(line);
        if (lines.Count > MaxLines)
            json.WriteStringValue($"and {lines.Count - MaxLines} more");
        json.WriteEndArray();
    }

    private static string Write(Action<Utf8JsonWriter> fields)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
