using System.Text.Json;
using Lifeline.Configuration;
using Lifeline.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lifeline.Http;

/// <summary>What the page of one service shows beside its state.</summary>
internal sealed class DetailCalls(HttpSources sources)
{
    private const int DefaultGenerations = 20;
    private const int MaxGenerations = 200;

    // Of one service; a generation has about ten.
    private const int MaxEvents = 5000;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/services/{name}/configuration", ConfigurationAsync).Needs(AccessNeed.ReadSecret)
            .Describe("GetConfiguration", "How a service is configured, with its effective environment; what looks like a secret is masked.").TakesService().Gives<ServiceSettings>();
        routes.MapGet("/api/v1/services/{name}/generations", GenerationsAsync).Needs(AccessNeed.Read)
            .Describe("ListGenerations", "The last generations of a service as the journal remembers them, newest first.")
            .TakesService().Takes("limit", $"How many, 1 to {MaxGenerations}; {DefaultGenerations} if it is not given.").Gives<IReadOnlyList<GenerationDescription>>();
    }

    private async Task<IResult> ConfigurationAsync(string name)
    {
        if (sources.Services.Find(name) is not { } service)
            return Problem.NoService(name);
        var generation = await sources.Supervisor.AskAsync(core => core.ViewOfService(name)?.Generation ?? 0).ConfigureAwait(false);
        var environment = sources.Launches.EnvironmentOf(service, generation).ToDictionary(v => v.Key, v => SecretNames.Show(v.Key, v.Value));
        return JsonReply.Of(
            new ServiceSettings(
                service.Name, service.Command, service.WorkingDirectory, environment, Spell(service.Restart), Spell(service.Ready),
                service.ReadyTimeout.TotalSeconds, service.Heartbeat?.TotalSeconds, service.Autostart, service.MaxRestarts, service.RestartWindow.TotalSeconds,
                service.Stop.Signal, service.Stop.Timeout.TotalSeconds, service.Reclaim.Paths, service.Location.ToString() ?? ""),
            ApiJson.Plain.ServiceSettings);
    }

    private async Task<IResult> GenerationsAsync(string name, int? limit)
    {
        if (sources.Services.Find(name) is null)
            return Problem.NoService(name);
        if (limit is < 1 or > MaxGenerations)
            return Problem.Of(400, "wrong limit", $"limit is {limit}; 1 to {MaxGenerations} are given.");
        // The journal's reader waits for the disk.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var events = sources.Journal.Read(sources.Journal.IdBeforeLast(MaxEvents, name), MaxEvents, name);
        IReadOnlyList<GenerationDescription> generations = [.. GenerationHistory.Of(events).Reverse().Take(limit ?? DefaultGenerations)];
        return JsonReply.Of(generations, ApiJson.Plain.IReadOnlyListGenerationDescription);
    }

    private static string Spell(RestartRule rule) => rule switch
    {
        RestartRule.OnFailure => "on-failure",
        RestartRule.Never => "never",
        _ => "always",
    };

    private static string Spell(ServiceReadiness readiness) => readiness.ToString().ToLowerInvariant();
}

/// <summary>Puts the events of one service together into its generations.</summary>
internal static class GenerationHistory
{
    /// <summary>Oldest first.</summary>
    public static IReadOnlyList<GenerationDescription> Of(IReadOnlyList<ServiceEvent> events)
    {
        var generations = new SortedDictionary<int, GenerationDescription>();
        foreach (var e in events.Where(e => e.Generation > 0))
        {
            if (!generations.TryGetValue(e.Generation, out var generation))
                generations.Add(e.Generation, generation = new GenerationDescription { Generation = e.Generation });
            using var data = JsonDocument.Parse(e.DataJson);
            Take(generation, e, data.RootElement);
        }

        return [.. generations.Values];
    }

    private static void Take(GenerationDescription generation, ServiceEvent e, JsonElement data)
    {
        switch (e.Kind)
        {
            case EventKinds.ServiceStarted:
                generation.StartedAt = e.At;
                break;
            case EventKinds.ServiceReady:
                generation.ReadyAt = e.At;
                break;
            case EventKinds.ServiceHealth when Text(data, "to") is { } health:
                generation.Health.Add(new HealthChange(e.At, health));
                break;
            case EventKinds.ServiceDied:
                (generation.DiedAt, generation.Reason) = (e.At, Text(data, "reason"));
                (generation.Signal, generation.ExitCode, generation.DetectUs) = ((int?)Number(data, "signal"), (int?)Number(data, "exit_code"), Number(data, "detect_us"));
                break;
            case EventKinds.ServiceReclaimed:
                (generation.ReclaimedAt, generation.ReclaimUs) = (e.At, Number(data, "took_us"));
                generation.Reclaimed = data.TryGetProperty("steps", out var steps) ? steps.Clone() : null;
                break;
        }
    }

    private static string? Text(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
