using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>A peer that dies after each store of a publish in turn: what it had published is delivered, nothing half-written is.</summary>
internal static class RingStores
{
    private const int CounterDescriptor = 10;
    private const int SmallRing = 4096;
    private const int LargeRing = 64 << 10;

    private const string FullRing = "waiting";

    // As they are named in the kit's sources.
    private static readonly string[] s_sending = ["record", "skip", "header", "tail", "flag", "bell", "socket"];
    private static readonly string[] s_receiving = ["asleep", "head"];

    /// <summary>Every store that a peer dies of here.</summary>
    internal static IEnumerable<string> Stores => [.. s_sending, .. s_receiving, FullRing];

    internal static async Task<string> RunAsync(Settings settings)
    {
        await using Scene scene = await Scene.OpenAsync();
        int[] times = settings.Quick ? [1] : [1, 2, 3, 10, 31];
        int[] rings = settings.Quick ? [SmallRing] : [SmallRing, LargeRing];
        int deaths = 0;
        foreach (int ring in rings)
        {
            foreach (int time in times)
            {
                string[] sending = ring == SmallRing ? [.. s_sending, FullRing] : s_sending;
                foreach (string point in sending)
                    await DieSendingAsync(scene, point, time, ring, deaths++);
                foreach (string point in s_receiving)
                    await DieReceivingAsync(scene, point, time, ring, deaths++);
            }
        }

        CampaignException.Unless(scene.Victim.Deliveries.Wrong.Count == 0, $"{scene.Victim.Deliveries.Wrong.FirstOrDefault()}");
        string report = await scene.CheckAsync(deaths);
        return string.Create(CultureInfo.InvariantCulture, $"{report}\n  {deaths} deaths at {s_sending.Length + s_receiving.Length + 1} stores; {scene.Victim.Deliveries.Total} messages, exactly those that were published");
    }

    private static async Task DieSendingAsync(Scene scene, string point, int times, int ring, int stream)
    {
        using SharedBlock counter = SharedBlock.Create("published", 4096);
        using SharedMap map = counter.Map();
        using Descriptor descriptor = counter.DuplicateDescriptor();
        using Neighbour peer = Neighbour.Hostile(
            [(descriptor, CounterDescriptor)],
            ["die-sending", scene.Victim.Path, Text(stream), point, Text(times), Text(ring), Text(CounterDescriptor)]);
        await DieAsync(scene, peer, point);
        long published = map.AsReadOnlySpan<long>()[0];
        int delivered = scene.Victim.Deliveries.Of(stream);
        CampaignException.Unless(published == delivered, $"a peer that died at \"{point}\" ({times}, ring of {ring}) had published {published} messages, and {delivered} were delivered");
        CampaignException.Unless(delivered >= 3, $"only {delivered} messages came before \"{point}\"");
    }

    private static async Task DieReceivingAsync(Scene scene, string point, int times, int ring, int stream)
    {
        using Neighbour peer = Neighbour.Hostile("die-receiving", scene.Victim.Path, point, Text(times), Text(ring));
        await DieAsync(scene, peer, $"{point}, {stream}");
    }

    /// <summary>Waits for the death, and until the victim has taken note of it.</summary>
    private static async Task DieAsync(Scene scene, Neighbour peer, string what)
    {
        int ended = scene.Victim.Log.Ended;
        ExitStatus end = await peer.EndAsync();
        CampaignException.Unless(end.Signal == Signals.Kill, $"a peer that was to die at \"{what}\" ended with {end}");
        await Scene.UntilAsync(() => scene.Victim.Log.Ended > ended || scene.Victim.Endpoint.Sessions.Count <= scene.Witnesses.Length, "the session of a dead peer is open");
        // Handlers of what came before the end may still run.
        long total;
        do
        {
            total = scene.Victim.Deliveries.Total;
            await Task.Delay(20);
        }
        while (scene.Victim.Deliveries.Total != total);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
