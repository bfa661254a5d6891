using System.Diagnostics;
using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>Peers that want more of something than anybody has.</summary>
internal static class Floods
{
    private const int Stubs = 100_000;

    // What, and what must be in the log for it. A peer that only does not read, and one that only rings, may do so.
    private static readonly (string Kind, string? Reason)[] s_kinds =
    [
        ("never-read", null), ("hang", null), ("descriptors", "descriptors"), ("stubs", nameof(IpcEndpointOptions.MaxImportedObjects)), ("lengths", "a record of"),
        ("tickets", "ticket"), ("doorbells", null), ("credit", "credit"), ("window", "beyond the window"),
    ];

    internal static async Task<string> RunAsync(Settings settings)
    {
        var report = new List<string>();
        foreach ((string kind, string? reason) in s_kinds)
        {
            long started = Stopwatch.GetTimestamp();
            string what = await FloodAsync(kind, reason, settings);
            report.Add(string.Create(CultureInfo.InvariantCulture, $"  {kind} ({Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s):\n{what}"));
        }

        return string.Join("\n", report);
    }

    private static async Task<string> FloodAsync(string kind, string? reason, Settings settings)
    {
        await using Scene scene = await Scene.OpenAsync(options => options.MaxImportedObjects = Stubs);
        using Neighbour flooder = Neighbour.Hostile("flood", kind, scene.Victim.Path, settings.Quick ? "0.4" : settings.SecondsText);
        ExitStatus end = await flooder.EndAsync(120_000);
        CampaignException.Unless(end.ExitCode == 0, $"the flooder of {kind} ended with {end}");
        string report;
        try
        {
            report = await scene.CheckAsync(1);
        }
        catch (CampaignException e)
        {
            throw new CampaignException($"after the flood of {kind}: {e.Message}");
        }

        CampaignException.Unless(
            reason is null || scene.Victim.Log.Reasons.Any(r => r.Reason.Contains(reason, StringComparison.Ordinal)),
            $"no session of the flood of {kind} ended for \"{reason}\": {report}");
        return report;
    }
}
