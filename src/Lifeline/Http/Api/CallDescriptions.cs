using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Lifeline.Http;

/// <summary>What is said of a call where it is mapped: who may, and what the OpenAPI document tells.</summary>
internal static class CallDescriptions
{
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder call, AccessNeed need)
    {
        call.WithMetadata(new NeedMetadata(need));
        if (need != AccessNeed.None)
        {
            call.Produces<Problem>(StatusCodes.Status401Unauthorized, Problem.ContentType);
            call.Produces<Problem>(StatusCodes.Status403Forbidden, Problem.ContentType);
        }

        return call;
    }

    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder call, string name, string summary) =>
        call.WithName(name).WithSummary(summary);

    /// <summary>What a parameter of the call means; every one is described.</summary>
    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder call, string parameter, string meaning) =>
        call.WithMetadata(new ParameterMetadata(parameter, meaning));

    /// <summary>The parameter "name" of a call about one service.</summary>
    public static RouteHandlerBuilder TakesService(this RouteHandlerBuilder call) =>
        call.Takes("name", "A service; of several instances one, as NAME.1.");

    /// <summary>The parameters that choose among events.</summary>
    public static RouteHandlerBuilder TakesFilter(this RouteHandlerBuilder call) => call
        .Takes("service", "Only events of this service; * and ? match as in a shell.")
        .Takes("kind", "Only events of these kinds, with commas between; * and ? match as in a shell.");

    public static RouteHandlerBuilder Gives<T>(this RouteHandlerBuilder call) => call.Produces<T>(StatusCodes.Status200OK, "application/json");

    public static RouteHandlerBuilder Gives(this RouteHandlerBuilder call, int status) => call.Produces(status);

    public static RouteHandlerBuilder Streams(this RouteHandlerBuilder call) =>
        call.Produces(StatusCodes.Status200OK, responseType: null, "text/event-stream");
}

/// <summary>An endpoint's <see cref="AccessNeed"/>.</summary>
internal sealed record NeedMetadata(AccessNeed Need);

/// <summary>What a parameter of an endpoint means.</summary>
internal sealed record ParameterMetadata(string Name, string Meaning);
