using System.Globalization;
using System.Text;
using Lifeline.Journal;
using Lifeline.Linux;

namespace Lifeline.Logs;

/// <summary>Moves output from a pipe to its file and decides what happens when the disk does not take it.</summary>
internal sealed class LogMover(LogOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Told of what was dropped, now and then while it goes on and once it is over. On the collector's thread: it must not wait.</summary>
    public Action<LogLoss> Lost { get; set; } = _ => { };

    private readonly Descriptor _nowhere = Descriptor.Open("/dev/null", OpenFlags.Write);

    /// <summary>Moves up to one burst. True: there may be more.</summary>
    /// <param name="pipe">From where.</param>
    /// <param name="now">Not to wait for another generation that is within a line.</param>
    public bool Move(LogPipe pipe, bool now = false)
    {
        try
        {
            return MoveToFile(pipe, now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(pipe, e);
            return false;
        }
    }

    /// <summary>Ends a line that a dead generation left unfinished, so that the next one begins its own.</summary>
    public void EndGeneration(LogPipe pipe)
    {
        if (pipe.Writer.IsUntouched)
            return;
        try
        {
            pipe.Writer.EnsureOpen();
            if (!IsOthersTurn(pipe))
                pipe.Writer.EndLine();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(pipe, e);
        }
    }

    public void Dispose() => _nowhere.Dispose();

    private bool MoveToFile(LogPipe pipe, bool now)
    {
        if (pipe.Writer.IsUntouched && pipe.Untold == 0 && !Poller.IsReady(pipe.Pipe, PollEvents.In))
            return Succeed(pipe, more: false);
        pipe.Writer.EnsureOpen();
        CheckFile(pipe);
        var hasSomething = pipe.Untold > 0 || Poller.IsReady(pipe.Pipe, PollEvents.In);
        if (!hasSomething || !TakeTurn(pipe, now))
            return Succeed(pipe, more: false);
        TellOfLoss(pipe);
        if (!Poller.IsReady(pipe.Pipe, PollEvents.In))
            return Succeed(pipe, more: false);
        long burst = 0;
        while (burst < options.Burst)
        {
            Mark(pipe);
            var othersWait = pipe.Service.OthersOf(pipe).Any(other => other.WaitsSince != 0);
            var limits = pipe.Service.Limits;
            var most = Math.Min(options.Burst, pipe.Service.MakeRoom(Math.Min(options.Room, Math.Max(1, limits.FileSize / 8))));
            var moved = pipe.Writer.Move(pipe.Pipe, limits, most, toLineEnd: othersWait);
            if (moved is null)
                return Succeed(pipe, more: false);
            if (moved == 0)
            {
                pipe.Ended = true;
                return Succeed(pipe, more: false);
            }

            burst += moved.Value;
            pipe.Kept += moved.Value;
            if (othersWait && !pipe.Writer.IsWithinLine)
                break;
        }

        return Succeed(pipe, more: true);
    }

    /// <summary>Two generations write into one file: a line that one has begun is ended before the other has its turn.</summary>
    private bool TakeTurn(LogPipe pipe, bool now)
    {
        if (IsOthersTurn(pipe))
        {
            if (pipe.WaitsSince == 0)
                pipe.WaitsSince = time.GetTimestamp();
            if (!now && time.GetElapsedTime(pipe.WaitsSince) < options.LinePatience)
                return false;
            pipe.Writer.CutLine();
        }

        pipe.WaitsSince = 0;
        pipe.Writer.Speaker = pipe.Generation;
        return true;
    }

    private static bool IsOthersTurn(LogPipe pipe) =>
        pipe.Writer.Speaker is { } speaker && speaker != pipe.Generation && pipe.Service.OthersOf(pipe).Any() && pipe.Writer.IsWithinLine;

    private bool Succeed(LogPipe pipe, bool more)
    {
        if (!more)
            Report(pipe);
        pipe.Error = null;
        pipe.FailingSince = 0;
        pipe.RetryAt = 0;
        return more;
    }

    private void Mark(LogPipe pipe)
    {
        var now = UnixMicroseconds.From(time.GetUtcNow());
        var service = pipe.Service;
        if (pipe.Writer.LastEntry is { } last)
        {
            var spacing = pipe.Writer.IndexIsLarge ? options.CoarseIndexSpacing : options.IndexSpacing;
            var otherSpoke = last.Sequence != service.Sequence && !pipe.Writer.IndexIsLarge;
            var enough = Math.Abs(now - last.At) >= (long)spacing.TotalMicroseconds || last.Generation != pipe.Generation;
            if (!enough && !otherSpoke)
                return;
        }

        if (pipe.Writer.CanMark(service.Limits))
            pipe.Writer.Mark(now, ++service.Sequence, pipe.Generation);
    }

    private void CheckFile(LogPipe pipe)
    {
        var now = time.GetTimestamp();
        if (pipe.CheckedAt != 0 && time.GetElapsedTime(pipe.CheckedAt, now) < options.FileCheckInterval)
            return;
        pipe.CheckedAt = now;
        pipe.Writer.CheckFile();
    }

    private static void TellOfLoss(LogPipe pipe)
    {
        if (pipe.Untold == 0)
            return;
        var text = string.Create(CultureInfo.InvariantCulture, $"[lifeline: {pipe.Untold} bytes of output were lost: {pipe.Error}]\n");
        pipe.Writer.WriteLine(Encoding.UTF8.GetBytes(text), pipe.Service.Limits);
        pipe.Untold = 0;
    }

    private void Report(LogPipe pipe)
    {
        if (pipe.Unreported == 0)
            return;
        Lost(new LogLoss(pipe.Service.Name, pipe.Generation, pipe.Unreported, pipe.Error ?? "the disk did not take it"));
        pipe.Unreported = 0;
        pipe.ReportedAt = time.GetTimestamp();
    }

    private void Fail(LogPipe pipe, Exception e)
    {
        var now = time.GetTimestamp();
        pipe.Failures++;
        pipe.WaitsSince = 0;
        pipe.Error = e is LinuxException linux ? LinuxException.Describe(linux.Errno) : e.Message;
        if (pipe.FailingSince == 0)
            pipe.FailingSince = now;
        pipe.RetryAt = now + (long)(options.RetryInterval.TotalSeconds * time.TimestampFrequency);
        if (time.GetElapsedTime(pipe.FailingSince, now) >= options.DiscardAfter)
        {
            Discard(pipe);
            if (pipe.ReportedAt == 0 || time.GetElapsedTime(pipe.ReportedAt, now) >= options.LossReportSpacing)
                Report(pipe);
        }
    }

    /// <summary>Empties the pipe so that the service can go on.</summary>
    private void Discard(LogPipe pipe)
    {
        try
        {
            for (long total = 0; total < options.Burst;)
            {
                if (Splice.Move(pipe.Pipe, _nowhere, options.Burst, wait: false) is not ({ } count and > 0))
                    return;
                total += count;
                pipe.Lost += count;
                pipe.Untold += count;
                pipe.Unreported += count;
            }
        }
        catch (LinuxException)
        {
            // A pipe that cannot even be emptied has nothing we could save; it is tried again with the next retry.
            pipe.Failures++;
        }
    }
}
