using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Lifeline.Http;

/// <summary>
/// No call looks at a body: one that is too large would be taken for none, and is refused only where it is read. So it is read to its end,
/// up to <see cref="HttpLimits.MaxBodyBytes"/> and <see cref="HttpLimits.RequestBody"/>.
/// </summary>
internal static class RequestBody
{
    private const int BufferBytes = 4096;

    /// <summary>Null: it is whole, or there is none; else what is to be answered, after which the connection ends.</summary>
    public static async Task<Problem?> TakeAsync(HttpContext context, TimeProvider time)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            return null;
        var problem = context.Request.ContentLength is { } announced && announced > HttpLimits.MaxBodyBytes
            ? TooLarge(announced.ToString(CultureInfo.InvariantCulture))
            : await ReadAsync(context, time).ConfigureAwait(false);
        // What is still to come is no request.
        if (problem is not null)
            context.Response.Headers.Connection = "close";
        return problem;
    }

    private static async Task<Problem?> ReadAsync(HttpContext context, TimeProvider time)
    {
        using var late = new CancellationTokenSource(HttpLimits.RequestBody, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var taken = 0L;
            while (await context.Request.Body.ReadAsync(buffer, stop.Token).ConfigureAwait(false) is var more and > 0)
            {
                taken += more;
                if (taken > HttpLimits.MaxBodyBytes)
                    return TooLarge($"more than {HttpLimits.MaxBodyBytes}");
            }

            return null;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            // The server counts too, and may come first where the body is sent in chunks.
            return TooLarge($"more than {HttpLimits.MaxBodyBytes}");
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return Problem.Of(408, "body too slow", $"The body was not whole within {HttpLimits.RequestBody.TotalSeconds:0} s, the limit (RequestBody).");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Problem TooLarge(string bytes) =>
        Problem.Of(413, "body too large", $"The body has {bytes} bytes; {HttpLimits.MaxBodyBytes} are the limit (MaxBodyBytes). No call of this API looks at one.");
}
