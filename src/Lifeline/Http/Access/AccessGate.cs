using System.Globalization;
using Lifeline.Linux;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>Decides for each request whether its caller may. Thread-safe.</summary>
/// <param name="token">The secret of the run folder.</param>
/// <param name="hosts">Whom a request may be addressed to.</param>
/// <param name="isLoopback">Only this machine can connect.</param>
/// <param name="allowedUsers">Users that may give orders beside root and our own.</param>
internal sealed class AccessGate(AccessToken token, HostCheck hosts, bool isLoopback, Func<IReadOnlyList<uint>> allowedUsers)
{
    private const string Bearer = "Bearer ";

    /// <summary>Null: it may; else the answer.</summary>
    public Problem? Check(HttpContext context, AccessNeed need)
    {
        var connection = context.Features.Get<GuardedConnection>();
        if (connection is { IsUnix: true })
            return CheckUnix(context, need, connection.Peer);
        return CheckHost(context, need) ?? CheckTcp(context, need);
    }

    private Problem? CheckHost(HttpContext context, AccessNeed need)
    {
        var request = context.Request;
        if (!hosts.IsOurs(request.Host))
            return Problem.Of(403, "foreign host", $"The request names the host \"{Shorten(request.Host.Value)}\", which is none of this server's: add it to http_hosts of [monitor] if it should be.");
        if (request.Headers.Origin is [{ } origin, ..] && !HostCheck.IsSame(origin, request))
            return Problem.Of(403, "foreign origin", "Pages of other origins may not call this server.");
        // Browsers say so themselves; a link to the dashboard in somebody else's page is fine.
        if (need != AccessNeed.None && request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"])
            return Problem.Of(403, "foreign origin", "Pages of other origins may not call this server.");
        return null;
    }

    private Problem? CheckTcp(HttpContext context, AccessNeed need)
    {
        if (Presented(context) is { } presented)
            return token.Matches(presented) ? null : Refuse(context, "The token is not the one in the file \"token\" of the run folder.");
        if (need == AccessNeed.None || token.IsCookie(context.Request.Cookies[token.CookieName]))
            return null;
        if (!isLoopback)
            return Refuse(context, "Anything but loopback needs the token, for reading too.");
        return need switch
        {
            AccessNeed.Change => Refuse(context, "Orders need the token of the run folder as \"Authorization: Bearer …\", or the cookie that \"lifeline dashboard\" gives."),
            AccessNeed.ReadSecret when CurrentProcess.Uid == 0 => Refuse(context, "The monitor runs as root: logs and environments need the token of the run folder, or the cookie that \"lifeline dashboard\" gives."),
            _ => null,
        };
    }

    private Problem? CheckUnix(HttpContext context, AccessNeed need, PeerCredentials? peer)
    {
        if (context.Request.Headers.Origin.Count > 0)
            return Problem.Of(403, "foreign origin", "No page can be at the other end of this socket.");
        if (Presented(context) is { } presented)
            return token.Matches(presented) ? null : Refuse(context, "The token is not the one in the file \"token\" of the run folder.");
        if (need is AccessNeed.None or AccessNeed.Read)
            return null;
        if (peer is { } caller && (caller.Uid == 0 || caller.Uid == CurrentProcess.Uid || allowedUsers().Contains(caller.Uid)))
            return null;
        var who = peer is { } known ? Users.Find(known.Uid)?.Name ?? known.Uid.ToString(CultureInfo.InvariantCulture) : "that cannot be named";
        var what = need == AccessNeed.Change ? "give orders" : "read logs and configurations";
        return Problem.Of(403, "not allowed", $"User {who} may not {what}: only root, the monitor's own user and those in allow_users of [monitor] may.");
    }

    private static string? Presented(HttpContext context) =>
        context.Request.Headers.Authorization is [{ } header, ..]
            ? header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : ""
            : null;

    private static Problem Refuse(HttpContext context, string detail)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"lifeline\"";
        return Problem.Of(401, "token needed", detail);
    }

    private static string Shorten(string? text) => text is null ? "" : text.Length <= 100 ? text : text[..100] + "…";
}
