using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>JSON that is spelled already, perhaps shared with others.</summary>
internal sealed class JsonReply(ReadOnlyMemory<byte> json, int status = 200) : IResult
{
    public static JsonReply Of<T>(T value, JsonTypeInfo<T> type, int status = 200) => new(JsonSerializer.SerializeToUtf8Bytes(value, type), status);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "application/json";
        response.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        return response.Body.WriteAsync(json, httpContext.RequestAborted).AsTask();
    }
}
