using System.Text;
using Lifeline.Ipc;

namespace Lifeline.Contracts;

/// <summary>Queries for log lines and the chunks that answer them.</summary>
internal static class LogCodec
{
    // Beside the number of the stream: the line goes on.
    private const int Continues = 0x100;

    // They are numbered from 1 on: all of them in a query, none known in a line.
    private const int NoGeneration = 0;

    public static void WriteQuery(Parcel data, LogQuery query)
    {
        data.WriteText(query.Service, CallLimits.MaxNameBytes, "The name of a service");
        data.WriteOptionalText(query.Cursor, CallLimits.MaxCursorBytes, "The cursor of a log");
        data.WriteOptionalTime(query.Since);
        data.WriteCount(query.Lines, CallLimits.MaxLogLines, "The number of log lines");
        data.WriteDuration(query.Wait);
        data.WriteInt32(query.Generation ?? NoGeneration);
    }

    public static LogQuery ReadQuery(Parcel data) => new()
    {
        Service = data.ReadText(CallLimits.MaxNameBytes, "The name of a service"),
        Cursor = data.ReadOptionalText(CallLimits.MaxCursorBytes, "The cursor of a log"),
        Since = data.ReadOptionalTime(),
        Lines = data.ReadCount(CallLimits.MaxLogLines, "The number of log lines"),
        Wait = data.ReadWait(),

        // A client of an earlier version does not send it.
        Generation = data.ReadableBytes > 0 && data.ReadInt32() is var generation and not NoGeneration ? generation : null,
    };

    public static void WriteChunk(Parcel reply, LogChunk chunk)
    {
        reply.WriteText(chunk.Cursor, CallLimits.MaxCursorBytes, "The cursor of a log");
        reply.WriteBoolean(chunk.Gap);
        reply.WriteCount(chunk.Lines.Count, CallLimits.MaxLogLines, "The number of log lines");
        foreach (var line in chunk.Lines)
        {
            reply.WriteInt32((int)line.Stream | (line.Continues ? Continues : 0));
            reply.WriteTime(line.At);
            reply.WriteText(line.Text, CallLimits.MaxLogLineBytes, "A log line");
        }

        // Behind everything else, where a client of an earlier version does not look.
        foreach (var line in chunk.Lines)
            reply.WriteInt32(line.Generation ?? NoGeneration);
    }

    public static LogChunk ReadChunk(Parcel reply)
    {
        var cursor = reply.ReadText(CallLimits.MaxCursorBytes, "The cursor of a log");
        var gap = reply.ReadBoolean();
        var lines = new LogLine[reply.ReadCount(CallLimits.MaxLogLines, "The number of log lines")];
        for (var index = 0; index < lines.Length; index++)
        {
            var number = reply.ReadInt32();
            var stream = (LogStream)(number & ~Continues);
            if (stream is not (LogStream.StandardOutput or LogStream.StandardError))
                throw new IpcException(IpcError.ParcelRead, $"There is no log stream {number}.");
            var at = reply.ReadTime();
            lines[index] = new LogLine(stream, at, reply.ReadText(CallLimits.MaxLogLineBytes, "A log line"), (number & Continues) != 0);
        }

        // A monitor of an earlier version does not send them.
        for (var index = 0; index < lines.Length && reply.ReadableBytes > 0; index++)
            if (reply.ReadInt32() is var generation and not NoGeneration)
                lines[index] = lines[index] with { Generation = generation };

        return new LogChunk(cursor, lines, gap);
    }

    /// <summary>What <see cref="LogQuery.MaxBytes"/> counts.</summary>
    public static int Measure(LogChunk chunk)
    {
        var bytes = 0;
        foreach (var line in chunk.Lines)
            bytes += Encoding.UTF8.GetByteCount(line.Text) + LogQuery.LineOverheadBytes;
        return bytes;
    }
}
