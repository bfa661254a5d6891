using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary><c>/metrics</c> for Prometheus.</summary>
internal sealed class MetricsCall(MetricsCollector collector, ServiceMeter services)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/metrics", ReadAsync).Needs(AccessNeed.Read)
            .Describe("GetMetrics", "Everything that is measured, as Prometheus text.").Produces<string>(200, "text/plain");

    private async Task<IResult> ReadAsync(HttpContext context, CancellationToken ended)
    {
        await services.RefreshAsync(ended).ConfigureAwait(false);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(collector.Collect(), MetricsCollector.ContentType);
    }
}
