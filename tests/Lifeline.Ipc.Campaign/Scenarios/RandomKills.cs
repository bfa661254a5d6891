using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>Peers in C, killed at a random moment of their short lives, by the thousand.</summary>
internal static class RandomKills
{
    private const int Parents = 2;

    internal static async Task<string> RunAsync(Settings settings)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lifeline-campaign-");
        try
        {
            string program = await CompileAsync(folder.FullName);
            return await KillAsync(settings, program, Path.Combine(folder.FullName, "counts"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> CompileAsync(string folder)
    {
        string header = Path.Combine(folder, "wire.h");
        string program = Path.Combine(folder, "mortal");
        string source = Path.Combine(AppContext.BaseDirectory, "Peers", "mortal.c");
        string command = $"'{Neighbour.HostileProgram}' wire-header > '{header}' && exec cc -O2 -Wall -Werror -I '{folder}' -o '{program}' '{source}'";
        using Neighbour compiler = Neighbour.Start("/bin/sh", [], ["-c", command]);
        ExitStatus end = await compiler.EndAsync();
        CampaignException.Unless(end.ExitCode == 0, $"the C compiler ended with {end}; it is needed for these peers (apt install gcc libc6-dev)");
        return program;
    }

    private static async Task<string> KillAsync(Settings settings, string program, string counts)
    {
        int count = (int)settings.Count / Parents * Parents;
        File.WriteAllBytes(counts, new byte[count * sizeof(uint)]);
        await using Scene scene = await Scene.OpenAsync();
        long started = Stopwatch.GetTimestamp();
        var parents = new List<Neighbour>();
        for (int i = 0; i < Parents; i++)
        {
            string[] arguments = [scene.Victim.Path[1..], counts, Text(i * (count / Parents)), Text(count / Parents), Text(settings.Seed + i)];
            parents.Add(Neighbour.Start(program, [], arguments));
        }

        foreach (Neighbour parent in parents)
        {
            ExitStatus end = await parent.EndAsync(3_600_000);
            parent.Dispose();
            CampaignException.Unless(end.ExitCode == 0, $"the parent of the peers ended with {end}");
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        string report = await scene.CheckAsync(count / 4);
        uint[] published = MemoryMarshal.Cast<byte, uint>(File.ReadAllBytes(counts)).ToArray();
        int sending = Compare(scene.Victim.Deliveries, published);
        return string.Create(CultureInfo.InvariantCulture, $"{report}\n  {count} kills in {seconds:0.0} s; {sending} peers had sent, {scene.Victim.Deliveries.Total} messages, exactly those that were published");
    }

    private static int Compare(Deliveries deliveries, uint[] published)
    {
        CampaignException.Unless(deliveries.Wrong.Count == 0, $"{deliveries.Wrong.FirstOrDefault()}");
        int sending = 0;
        for (int i = 0; i < published.Length; i++)
        {
            int delivered = deliveries.Of(i);
            // The index was stored before the count: the kill may have come between the two.
            CampaignException.Unless(delivered == published[i] || delivered == published[i] + 1, $"peer {i} had published {published[i]} messages, and {delivered} were delivered");
            sending += delivered > 0 ? 1 : 0;
        }

        return sending;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
