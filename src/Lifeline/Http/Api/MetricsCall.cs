using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary><c>/metrics</c> for Prometheus.</summary>
internal sealed class MetricsCall(MonitorMetrics metrics)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", ReadAsync).Needs(AccessNeed.Read)
            .Describe("GetMetrics", "Everything that is measured, as Prometheus text.").Produces<string>(200, "text/plain");

    private async Task<IResult> ReadAsync(HttpContext context, CancellationToken ended)
    {
        await metrics.RefreshAsync(ended).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(metrics.Collector.Collect(), MetricsCollector.ContentType);
    }
}
