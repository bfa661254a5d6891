using System.Text.Json;
using Lifeline.Ipc;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>Why a call was not done, as RFC 9457 spells it.</summary>
internal sealed record Problem(int Status, string Title, string Detail) : IResult
{
    public const string ContentType = "application/problem+json";

    public static Problem Of(int status, string title, string detail) => new(status, title, detail);

    public static Problem NoService(string name) => new(404, "no such service", $"There is no service \"{name}\".");

    public static Problem Of(IpcException e) => e.Error switch
    {
        IpcError.NotFound => new(404, "not found", e.Message),
        IpcError.PermissionDenied => new(403, "not allowed", e.Message),
        IpcError.QueueFull or IpcError.LimitReached => new(503, "busy", e.Message),
        IpcError.CheckParam => new(409, "refused", e.Message),
        _ => new(500, "failed", e.Message),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, ApiJson.Plain.Problem);
        httpContext.Response.StatusCode = Status;
        httpContext.Response.ContentType = ContentType;
        httpContext.Response.ContentLength = json.Length;
        httpContext.Response.Headers.CacheControl = "no-store";
        return httpContext.Response.Body.WriteAsync(json).AsTask();
    }
}
