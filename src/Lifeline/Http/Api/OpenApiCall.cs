using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Lifeline.Http;

/// <summary><c>/openapi/v1.json</c>: made from the mapped calls and the types of their answers, when it is asked for.</summary>
internal static class OpenApiCall
{
    public static void AddTo(IServiceCollection services)
    {
        services.Configure<JsonOptions>(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Plain);
            json.SerializerOptions.TypeInfoResolverChain.Insert(1, Contracts.ContractsJson.Snapshot.OriginatingResolver!);
        });
        services.AddOpenApi("v1", options => options
            .AddDocumentTransformer((document, _, _) =>
            {
                document.Info.Title = "Lifeline";
                document.Info.Version = Cli.ProductVersion.Text;
                document.Info.Description = "See docs/guide/http.md: who may call what, and how the streams go on.";
                document.Servers?.Clear();
                return Task.CompletedTask;
            })
            .AddOperationTransformer((operation, context, _) =>
            {
                foreach (var said in context.Description.ActionDescriptor.EndpointMetadata.OfType<ParameterMetadata>())
                    if (operation.Parameters?.FirstOrDefault(parameter => parameter.Name == said.Name) is { } parameter)
                        parameter.Description = said.Meaning;
                return Task.CompletedTask;
            }));
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapOpenApi("/openapi/{documentName}.json").WithMetadata(new NeedMetadata(AccessNeed.None));
}
