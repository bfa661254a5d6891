using System.Collections.Frozen;
using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

using Lifeline.Http;

namespace Lifeline.Dashboard;

/// <summary>
/// The dashboard's files, which are inside the executable: a closed list, so that no path of a request is ever looked up on a disk.
/// Each is compressed once, when it is asked for first. Thread-safe.
/// </summary>
internal sealed class DashboardFiles
{
    private const string Prefix = "wwwroot/";
    private const string Index = "index.html";

    // Everything comes from here, nothing is run that is written into the page, and nobody may put it into a frame.
    private const string ContentPolicy =
        "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        + "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
        [".png"] = "image/png",
        [".ico"] = "image/x-icon",
        [".json"] = "application/json",
        [".webmanifest"] = "application/manifest+json",
        [".woff2"] = "font/woff2",
        [".txt"] = "text/plain; charset=utf-8",
    }.ToFrozenDictionary();

    private readonly FrozenDictionary<string, Lazy<EmbeddedFile>> _files;

    public DashboardFiles()
    {
        var assembly = typeof(DashboardFiles).Assembly;
        _files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[Prefix.Length..].Replace('\\', '/'), name => new Lazy<EmbeddedFile>(() => Read(assembly, name)), StringComparer.Ordinal);
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context) => Send(Index, context)).Needs(AccessNeed.None).ExcludeFromDescription();
        foreach (var path in _files.Keys.Where(path => path != Index))
            routes.MapGet("/" + path, (HttpContext context) => Send(path, context)).Needs(AccessNeed.None).ExcludeFromDescription();
    }

    private IResult Send(string path, HttpContext context)
    {
        if (!_files.TryGetValue(path, out var lazy))
            return Problem.Of(404, "not found", "This build has no dashboard.");
        var file = lazy.Value;
        var headers = context.Response.Headers;
        headers.ETag = file.Tag;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = ContentPolicy;
        headers.XFrameOptions = "DENY";
        headers.Vary = "Accept-Encoding";
        if (context.Request.Headers.IfNoneMatch.Any(tags => tags is not null && tags.Contains(file.Tag, StringComparison.Ordinal)))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        if (file.Compressed is { } compressed && context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            headers.ContentEncoding = "br";
            return TypedResults.Bytes(compressed, file.Type);
        }

        return TypedResults.Bytes(file.Plain, file.Type);
    }

    private static EmbeddedFile Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var plain = new byte[stream.Length];
        stream.ReadExactly(plain);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(plain), 0, 12)}\"";
        return new EmbeddedFile(plain, Compress(plain), Types.GetValueOrDefault(Path.GetExtension(name), "application/octet-stream"), tag);
    }

    private static byte[]? Compress(byte[] plain)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionLevel.Optimal, leaveOpen: true))
            brotli.Write(plain);
        return target.Length < plain.Length ? target.ToArray() : null;
    }

    private sealed record EmbeddedFile(byte[] Plain, byte[]? Compressed, string Type, string Tag);
}
