using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lifeline.Http;

/// <summary>
/// Writes one stream's answer. A reader that takes nothing for <see cref="HttpLimits.StreamStall"/> is cut off: what waits for it is what
/// its connection buffers, never a queue of ours. One task uses it.
/// </summary>
internal sealed class StreamReply(HttpContext context, TimeProvider time, Action<string> cutOff)
{
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    public CancellationToken Ended => context.RequestAborted;

    /// <summary>Sends the headers.</summary>
    public void Begin(string contentType)
    {
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        // nginx and others pass each piece on at once.
        context.Response.Headers["X-Accel-Buffering"] = "no";
        // Judged here instead, with a reason.
        if (context.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinResponseDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Writes something; false: the reader is gone or was cut off.</summary>
    public async ValueTask<bool> WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return !Ended.IsCancellationRequested;
        var writing = context.Response.BodyWriter.WriteAsync(bytes, Ended);
        if (writing.IsCompletedSuccessfully)
            return !writing.Result.IsCompleted;
        try
        {
            return !(await writing.AsTask().WaitAsync(HttpLimits.StreamStall, time, Ended).ConfigureAwait(false)).IsCompleted;
        }
        catch (TimeoutException)
        {
            cutOff($"it took nothing for {HttpLimits.StreamStall.TotalSeconds:0} s");
            context.Abort();
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public ValueTask<bool> WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Waits for news; after a while of silence writes a comment. False: the reader is gone.</summary>
    public async ValueTask<bool> WaitAsync(Task news, string? heartbeat = null)
    {
        try
        {
            await news.WaitAsync(HttpLimits.StreamHeartbeat, time, Ended).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return await (heartbeat is null ? WriteAsync(Comment) : WriteAsync(heartbeat)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
