using Lifeline.Contracts;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>
/// The two streams of one service and what they share: one file each, and for each slot of the service a pipe that leads there. Used by the
/// collector's thread only.
/// </summary>
internal sealed class ServiceLog : IDisposable
{
    private readonly LogQuota _quota = new();
    private readonly LogWriter _output;
    private readonly LogWriter _error;
    private TaskCompletionSource? _allHaveSpoken;

    // Replaced, never changed: counters are read on other threads.
    private LogPipe[] _pipes = [];
    private LogCounters _closed;

    public ServiceLog(string name, LogOptions options, LogLimits limits, PipePeek peek)
    {
        Name = name;
        Limits = limits;
        var folder = Path.Combine(options.Folder, name);
        _output = new LogWriter(new LogFiles(folder, LogStream.StandardOutput), options, peek, _quota);
        try
        {
            _error = new LogWriter(new LogFiles(folder, LogStream.StandardError), options, peek, _quota);
        }
        catch
        {
            _output.Dispose();
            throw;
        }

        Sequence = Math.Max(_output.LastSequence, _error.LastSequence);
    }

    public string Name { get; }

    public LogLimits Limits { get; set; }

    /// <summary>Number of the newest chunk of either stream.</summary>
    public long Sequence { get; set; }

    public IReadOnlyList<LogPipe> Pipes => _pipes;

    /// <summary>Completes when no pipe waits for a line of another to end.</summary>
    public Task AllHaveSpoken => _pipes.Any(pipe => pipe.WaitsSince != 0)
        ? (_allHaveSpoken ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task
        : Task.CompletedTask;

    public LogCounters Counters
    {
        get
        {
            var pipes = _pipes;
            return new LogCounters(
                _closed.Kept + pipes.Sum(pipe => pipe.Kept),
                _closed.Lost + pipes.Sum(pipe => pipe.Lost),
                _closed.Failures + pipes.Sum(pipe => pipe.Failures),
                _output.Rotations + _error.Rotations,
                _output.Cuts + _error.Cuts,
                pipes.Select(pipe => pipe.Error).FirstOrDefault(error => error is not null));
        }
    }

    /// <summary>The pipes of one slot.</summary>
    public IReadOnlyList<LogPipe> PipesOf(string slot) => [.. _pipes.Where(pipe => pipe.Slot == slot)];

    /// <summary>The pipes that lead into the same file.</summary>
    public IEnumerable<LogPipe> OthersOf(LogPipe pipe) => _pipes.Where(other => other != pipe && other.Writer == pipe.Writer);

    /// <summary>Takes over the pipes of a slot.</summary>
    public void Add(string slot, int generation, ulong tag, Descriptor output, Descriptor error) =>
        _pipes = [.. _pipes, new LogPipe(tag, this, slot, generation, output, _output), new LogPipe(tag + 1, this, slot, generation, error, _error)];

    /// <summary>Lets go of a pipe.</summary>
    public void Remove(LogPipe pipe)
    {
        _pipes = [.. _pipes.Where(other => other != pipe)];
        _closed = _closed with { Kept = _closed.Kept + pipe.Kept, Lost = _closed.Lost + pipe.Lost, Failures = _closed.Failures + pipe.Failures };
        pipe.Dispose();
        NoteTurns();
    }

    /// <summary>To be called after each move: those who wait for all are told.</summary>
    public void NoteTurns()
    {
        if (_allHaveSpoken is null || _pipes.Any(pipe => pipe.WaitsSince != 0))
            return;
        _allHaveSpoken.TrySetResult();
        _allHaveSpoken = null;
    }

    /// <summary>Bytes that may be written now; old files are deleted for them.</summary>
    /// <exception cref="IOException">Old files cannot be deleted.</exception>
    public long MakeRoom(long wanted)
    {
        var free = _quota.MakeRoom(Limits, _output.Total + _error.Total, wanted);
        if (free > 0)
            return free;

        // Only after the limits were lowered: the current files alone are more than is allowed now.
        LogWriter[] writers = [_output, _error];
        foreach (var writer in writers.OrderByDescending(w => w.Total))
        {
            writer.EnsureOpen();
            writer.Rotate(Limits);
            free = _quota.MakeRoom(Limits, _output.Total + _error.Total, wanted);
            if (free > 0)
                break;
        }

        return Math.Max(1, free);
    }

    public void Dispose()
    {
        foreach (var pipe in _pipes)
            pipe.Dispose();
        _output.Dispose();
        _error.Dispose();
    }
}
