using System.Diagnostics;
using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>Peers that want more of something than anybody has.</summary>
internal static class Floods
{
    private static readonly string[] s_kinds = ["never-read", "hang", "descriptors", "stubs", "lengths", "tickets", "doorbells", "credit", "window"];

    internal static async Task<string> RunAsync(Settings settings)
    {
        var report = new List<string>();
        foreach (string kind in s_kinds)
        {
            long started = Stopwatch.GetTimestamp();
            string what = await FloodAsync(kind, settings);
            report.Add(string.Create(CultureInfo.InvariantCulture, $"  {kind} ({Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s):\n{what}"));
        }

        return string.Join("\n", report);
    }

    private static async Task<string> FloodAsync(string kind, Settings settings)
    {
        await using Scene scene = await Scene.OpenAsync();
        using Neighbour flooder = Neighbour.Hostile("flood", kind, scene.Victim.Path, settings.Quick ? "0.4" : settings.SecondsText);
        ExitStatus end = await flooder.EndAsync(120_000);
        CampaignException.Unless(end.ExitCode == 0, $"the flooder of {kind} ended with {end}");
        return await scene.CheckAsync(1);
    }
}
