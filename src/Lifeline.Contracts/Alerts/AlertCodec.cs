using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>
/// The calls about alerts. The rows of the overview travel as the JSON that outside programs get: alerts page after page, each page
/// with all silences and channels.
/// </summary>
internal static class AlertCodec
{
    public static void WriteOverview(Parcel reply, AlertOverview overview, int first)
    {
        var rows = new List<byte[]>();
        var bytes = 0;
        foreach (var alert in overview.Alerts.Skip(first).Take(AlertLimits.MaxRows))
        {
            var row = JsonSerializer.SerializeToUtf8Bytes(alert, ContractsJson.OpenAlert);
            bytes += row.Length + sizeof(int);
            if (rows.Count > 0 && bytes > CallLimits.PageBytes)
                break;
            rows.Add(row);
        }

        WriteRows(reply, rows);
        reply.WriteInt32(first + rows.Count < overview.Alerts.Count ? first + rows.Count : -1);
        WriteRows(reply, overview.Silences, ContractsJson.AlertSilence);
        WriteRows(reply, overview.Channels, ContractsJson.AlertChannel);
    }

    /// <summary>Adds a page's alerts; gives where the next page begins, -1 after the last.</summary>
    public static int ReadOverview(Parcel reply, List<OpenAlert> alerts, out List<AlertSilence> silences, out List<AlertChannelStatus> channels)
    {
        alerts.AddRange(ReadRows(reply, ContractsJson.OpenAlert));
        var next = reply.ReadInt32();
        silences = ReadRows(reply, ContractsJson.AlertSilence);
        channels = ReadRows(reply, ContractsJson.AlertChannel);
        return next;
    }

    public static void WriteTarget(Parcel data, string target, string? note)
    {
        data.WriteText(target, AlertLimits.MaxTargetBytes, "The name of a channel, a service or an alert");
        data.WriteOptionalText(note, AlertLimits.MaxNoteBytes, "The note");
    }

    public static (string Target, string? Note) ReadTarget(Parcel data) => (
        data.ReadText(AlertLimits.MaxTargetBytes, "The name of a channel, a service or an alert"),
        data.ReadOptionalText(AlertLimits.MaxNoteBytes, "The note"));

    public static void WriteTestResult(Parcel reply, AlertTestResult result)
    {
        reply.WriteBoolean(result.Delivered);
        reply.WriteText(Cut(result.Answer), AlertLimits.MaxAnswerBytes, "The answer");
    }

    public static AlertTestResult ReadTestResult(Parcel reply)
    {
        var delivered = reply.ReadBoolean();
        return new AlertTestResult(delivered, reply.ReadText(AlertLimits.MaxAnswerBytes, "The answer"));
    }

    private static string Cut(string text) =>
        Encoding.UTF8.GetByteCount(text) <= AlertLimits.MaxAnswerBytes ? text : string.Concat(text.AsSpan(0, (AlertLimits.MaxAnswerBytes / 3) - 1), "…");

    private static void WriteRows<T>(Parcel parcel, IReadOnlyList<T> rows, JsonTypeInfo<T> type) =>
        WriteRows(parcel, [.. rows.Take(AlertLimits.MaxRows).Select(row => JsonSerializer.SerializeToUtf8Bytes(row, type))]);

    private static void WriteRows(Parcel parcel, List<byte[]> rows)
    {
        parcel.WriteInt32(rows.Count);
        foreach (var row in rows)
            parcel.WriteBytes(row);
    }

    private static List<T> ReadRows<T>(Parcel parcel, JsonTypeInfo<T> type)
    {
        var rows = new List<T>();
        for (var left = parcel.ReadCount(AlertLimits.MaxRows, "The number of rows about alerts"); left > 0; left--)
            rows.Add(ReadRow(parcel.ReadText(AlertLimits.MaxRowBytes, "A row about alerts"), type));
        return rows;
    }

    private static T ReadRow<T>(string json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new IpcException(IpcError.ParcelRead, "A row about alerts is null.");
        }
        catch (JsonException e)
        {
            throw new IpcException(IpcError.ParcelRead, $"A row about alerts cannot be read: {e.Message}", e);
        }
    }
}
