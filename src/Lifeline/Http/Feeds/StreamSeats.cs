using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>Bounds the streams and counts those that were cut off. Safe for any thread.</summary>
internal sealed class StreamSeats(TimeProvider time, Action<string> log)
{
    private int _taken;
    private long _cutOff;

    /// <summary>Streams at the moment.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Readers that were cut off because they took nothing.</summary>
    public long CutOff => Interlocked.Read(ref _cutOff);

    public async Task<IResult> RunAsync(HttpContext context, string what, Func<StreamReply, Task> run)
    {
        if (Interlocked.Increment(ref _taken) > HttpLimits.MaxStreams)
        {
            Interlocked.Decrement(ref _taken);
            context.Response.Headers.RetryAfter = "5";
            return Problem.Of(503, "too many streams", $"{HttpLimits.MaxStreams} streams are read at the moment, the limit.");
        }

        try
        {
            await run(new StreamReply(context, time, reason => NoteCutOff(what, reason))).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _taken);
        }

        return TypedResults.Empty;
    }

    private void NoteCutOff(string what, string reason)
    {
        Interlocked.Increment(ref _cutOff);
        log($"a reader of the {what} stream was cut off: {reason}");
    }
}
