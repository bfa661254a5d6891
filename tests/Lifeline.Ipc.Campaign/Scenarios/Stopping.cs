using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>Peers that are stopped (SIGSTOP) in the middle of their calls, some for a while, some until they are killed.</summary>
internal static class Stopping
{
    private const int Peers = 4;
    private const int Stop = 19;
    private const int Continue = 18;

    internal static async Task<string> RunAsync(Settings settings)
    {
        await using Scene scene = await Scene.OpenAsync();
        var random = new Random(settings.Seed);
        Neighbour[] peers = [.. Enumerable.Range(0, Peers).Select(_ => Neighbour.Hostile("chat", scene.Victim.Path))];
        try
        {
            await Scene.UntilAsync(() => scene.Victim.Opened >= Peers + scene.Witnesses.Length, "a peer has not connected");
            int rounds = settings.Quick ? 5 : (int)(settings.Seconds * 5);
            for (int i = 0; i < rounds; i++)
            {
                Neighbour peer = peers[random.Next(Peers)];
                peer.Signal(Stop);
                long calls = scene.Witnesses.Sum(w => w.Calls);
                await Scene.UntilAsync(() => scene.Witnesses.Sum(w => w.Calls) > calls + 20 || scene.Witnesses.Any(w => w.Error is not null), "the good neighbours wait for a stopped peer");
                if (i < rounds - 2)
                    peer.Signal(Continue);
            }

            // Two are stopped for ever; the others live.
            CampaignException.Unless(scene.Victim.Endpoint.Sessions.Count == Peers + scene.Witnesses.Length, "a stopped peer lost its session");
        }
        finally
        {
            foreach (Neighbour peer in peers)
                peer.Dispose();
        }

        string report = await scene.CheckAsync(Peers);
        return string.Create(CultureInfo.InvariantCulture, $"{report}\n  stopped, gone on or killed while stopped");
    }
}
