using Lifeline.Contracts;
using Lifeline.Monitor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What is asked and ordered about services.</summary>
internal sealed class ServiceCalls(HttpSources sources, ServiceRows rows, ServiceFeed feed, UsageTable usage, EventFeed events, StreamSeats seats)
{
    /// <summary>Names the place in the event stream from which nothing is missing in an answer.</summary>
    public const string PositionHeader = "Lifeline-Position";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/services", ListAsync).Needs(AccessNeed.Read)
            .Describe("ListServices", "The state of every service.").Gives<IReadOnlyList<ServiceSnapshot>>();
        routes.MapGet("/api/v1/services/stream", StreamAsync).Needs(AccessNeed.Read)
            .Describe("StreamServices", "The state of every service (event \"snapshot\"), then what changes (events \"services\" and \"usage\"), as server-sent events.").Streams();
        routes.MapGet("/api/v1/services/{name}", OneAsync).Needs(AccessNeed.Read)
            .Describe("GetService", "The state of one service, with what is due next, its limits and its sockets.").TakesService().Gives<ServiceSnapshot>();
        routes.MapPost("/api/v1/services/{name}/start", StartAsync).Needs(AccessNeed.Change)
            .Describe("StartService", "Orders a start. Answered when the order is taken.").TakesService().Gives(202);
        routes.MapPost("/api/v1/services/{name}/stop", StopAsync).Needs(AccessNeed.Change)
            .Describe("StopService", "Orders a stop. Answered when the order is taken.").TakesService().Gives(202);
        routes.MapPost("/api/v1/services/{name}/restart", RestartAsync).Needs(AccessNeed.Change)
            .Describe("RestartService", "Orders a stop and a start in a new generation. Answered when the order is taken.").TakesService().Gives(202);
        routes.MapGet("/api/v1/services/{name}/usage", UsageAsync).Needs(AccessNeed.Read)
            .Describe("GetUsage", "Samples of memory and processor time, taken while somebody looks.").TakesService().Gives<IReadOnlyList<UsagePoint>>();
    }

    private async Task<IResult> ListAsync(HttpContext context, CancellationToken ended)
    {
        context.Response.Headers[PositionHeader] = events.Head.ToString();
        await usage.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        return new JsonReply(await rows.WholeAsync().ConfigureAwait(false));
    }

    private async Task<IResult> OneAsync(string name, HttpContext context)
    {
        context.Response.Headers[PositionHeader] = events.Head.ToString();
        if (sources.Services.Find(name) is null)
            return Problem.NoService(name);
        await usage.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        var found = await sources.Details.OfAsync([name]).ConfigureAwait(false);
        return found.Count == 0 ? Problem.NoService(name) : JsonReply.Of(usage.Fill(found[0]), ContractsJson.Snapshot);
    }

    private Task<IResult> StreamAsync(HttpContext context, CancellationToken ended) => seats.RunAsync(context, "services", feed.RunAsync);

    private Task<IResult> StartAsync(string name) => OrderAsync(name, id => new StartOrder(id, name));

    private Task<IResult> StopAsync(string name) => OrderAsync(name, id => new StopOrder(id, name));

    private Task<IResult> RestartAsync(string name) => OrderAsync(name, id => new RestartOrder(id, name));

    private async Task<IResult> OrderAsync(string name, Func<long, OperatorOrder> make)
    {
        if (sources.Services.Find(name) is null)
            return Problem.NoService(name);
        var (id, answer) = sources.Orders.Open();
        sources.Supervisor.Post(make(id));
        await answer.ConfigureAwait(false);
        return TypedResults.StatusCode(StatusCodes.Status202Accepted);
    }

    private async Task<IResult> UsageAsync(string name, HttpContext context)
    {
        if (sources.Services.Find(name) is null)
            return Problem.NoService(name);
        await usage.RefreshAsync(context.RequestAborted).ConfigureAwait(false);
        IReadOnlyList<UsagePoint> points = [.. usage.Of(name).Select(s => new UsagePoint(s.At, s.MemoryBytes, s.CpuSeconds, s.Processes))];
        return JsonReply.Of(points, ApiJson.Plain.IReadOnlyListUsagePoint);
    }
}
