using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lifeline.Http;

/// <summary><c>/openapi/v1.json</c>: made from the mapped calls.</summary>
internal static class OpenApiCall
{
    public static void AddTo(IServiceCollection services)
    {
    }

    public static void Map(IEndpointRouteBuilder routes)
    {
    }
}
