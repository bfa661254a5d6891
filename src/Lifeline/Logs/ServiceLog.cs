using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>The two streams of one service and what they share. Used by the collector's thread only.</summary>
internal sealed class ServiceLog : IDisposable
{
    private readonly LogQuota _quota = new();

    public ServiceLog(string name, LogOptions options, LogLimits limits, PipePeek peek, ulong tag, Descriptor output, Descriptor error)
    {
        Name = name;
        Limits = limits;
        var folder = Path.Combine(options.Folder, name);
        var first = new LogWriter(new LogFiles(folder, LogStream.StandardOutput), options, peek, _quota);
        LogWriter second;
        try
        {
            second = new LogWriter(new LogFiles(folder, LogStream.StandardError), options, peek, _quota);
        }
        catch
        {
            first.Dispose();
            throw;
        }

        Output = new LogPipe(tag, this, output, first);
        Error = new LogPipe(tag + 1, this, error, second);
        Sequence = Math.Max(Output.Writer.LastSequence, Error.Writer.LastSequence);
    }

    public string Name { get; }

    public LogLimits Limits { get; set; }

    public int Generation { get; set; }

    /// <summary>Number of the newest chunk of either stream.</summary>
    public long Sequence { get; set; }

    public LogPipe Output { get; }

    public LogPipe Error { get; }

    public IEnumerable<LogPipe> Pipes => [Output, Error];

    public LogCounters Counters => new(
        Output.Kept + Error.Kept,
        Output.Lost + Error.Lost,
        Output.Failures + Error.Failures,
        Output.Writer.Rotations + Error.Writer.Rotations,
        Output.Writer.Cuts + Error.Writer.Cuts,
        Output.Error ?? Error.Error);

    /// <summary>Bytes that may be written now; old files are deleted for them.</summary>
    /// <exception cref="IOException">Old files cannot be deleted.</exception>
    public long MakeRoom(long wanted)
    {
        var free = _quota.MakeRoom(Limits, Output.Writer.Total + Error.Writer.Total, wanted);
        if (free > 0)
            return free;

        // Only after the limits were lowered: the current files alone are more than is allowed now.
        foreach (var pipe in Pipes.OrderByDescending(p => p.Writer.Total))
        {
            pipe.Writer.EnsureOpen();
            pipe.Writer.Rotate(Limits);
            free = _quota.MakeRoom(Limits, Output.Writer.Total + Error.Writer.Total, wanted);
            if (free > 0)
                break;
        }

        return Math.Max(1, free);
    }

    public void Dispose()
    {
        Output.Dispose();
        Error.Dispose();
    }
}
