using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What is asked about the monitor itself, and the way into the dashboard.</summary>
internal sealed class MonitorCalls(HttpSources sources, AccessGate gate, AccessToken token, DashboardLinks links, string url)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Text("ok\n")).Needs(AccessNeed.None)
            .Describe("Healthz", "The monitor serves.");
        routes.MapGet("/api/v1/monitor", Describe).Needs(AccessNeed.Read)
            .Describe("GetMonitor", "The monitor, and what the caller may do.").Gives<MonitorDescription>();
        routes.MapPost("/api/v1/dashboard-links", MakeLink).Needs(AccessNeed.Change)
            .Describe("CreateDashboardLink", "A link that opens the dashboard in a browser, once, within a minute.").Produces<DashboardLink>(201);
        routes.MapGet("/login", Redeem).Needs(AccessNeed.None)
            .Describe("Login", "Redeems a one-time link: sets the dashboard's cookie.").ExcludeFromDescription();
    }

    private IResult Describe(HttpContext context)
    {
        var info = sources.Info();
        var description = new MonitorDescription(
            info.Version, info.Pid, info.KeeperPid, info.StartedAt, info.ConfigurationFile, info.JournalEpoch, sources.Journal.LastId,
            sources.Services.All.Count(), gate.Check(context, AccessNeed.Change) is null, gate.Check(context, AccessNeed.ReadSecret) is null);
        context.Response.Headers.Remove("WWW-Authenticate");
        return JsonReply.Of(description, ApiJson.Plain.MonitorDescription);
    }

    private JsonReply MakeLink() =>
        JsonReply.Of(new DashboardLink($"{url}/login?code={links.Make()}", (int)DashboardLinks.Life.TotalSeconds), ApiJson.Plain.DashboardLink, 201);

    private IResult Redeem(string? code, HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!links.Redeem(code))
            return Problem.Of(403, "link is used up", "This link was opened before, or is older than a minute: \"lifeline dashboard\" prints another.");
        var (value, life) = token.NewCookie();
        context.Response.Cookies.Append(token.CookieName, value, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = life,
            Path = "/",
        });
        return TypedResults.Redirect("/");
    }
}
