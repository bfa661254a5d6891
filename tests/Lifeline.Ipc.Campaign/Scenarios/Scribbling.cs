using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>A process that writes over the memory that it shares with the victim, while the victim reads it; it connects, and is connected to.</summary>
internal static class Scribbling
{
    internal static async Task<string> RunAsync(Settings settings)
    {
        await using Scene scene = await Scene.OpenAsync();
        string theirs = scene.Victim.Path + "-hostile";
        using Neighbour connecting = Neighbour.Hostile("scribble", scene.Victim.Path, settings.SecondsText, settings.Seed.ToString(CultureInfo.InvariantCulture));
        using Neighbour listening = Neighbour.Hostile("scribble-listen", theirs, settings.SecondsText, (settings.Seed + 1).ToString(CultureInfo.InvariantCulture));
        (int connected, int calls) = await CallAsync(scene.Victim, theirs, listening);
        ExitStatus first = await connecting.EndAsync();
        ExitStatus second = await listening.EndAsync();
        CampaignException.Unless(first.ExitCode == 0 && second.ExitCode == 0, $"the scribblers ended with {first} and {second}");
        string report = await scene.CheckAsync(settings.Quick ? 4 : (int)settings.Seconds);
        return string.Create(CultureInfo.InvariantCulture, $"{report}\n  of these the victim had connected {connected} itself, and made {calls} calls to who scribbles");
    }

    /// <summary>The victim calls the scribbler too; whatever comes of it, it is an error that it can catch.</summary>
    private static async Task<(int Sessions, int Calls)> CallAsync(Victim victim, string path, Neighbour scribbler)
    {
        int sessions = 0;
        int calls = 0;
        while (!scribbler.IsOver)
        {
            try
            {
                IpcSession session = await victim.Endpoint.ConnectWithRootAsync(path, victim.Root);
                sessions++;
                while (!session.IsClosed)
                {
                    calls++;
                    using var data = new Parcel();
                    data.WriteInt32(calls);
                    (await session.Root.CallAsync(Victim.Increment, data, TimeSpan.FromSeconds(2))).Dispose();
                }
            }
            catch (IpcException)
            {
                // Not there yet, closed, or no answer: another one.
                await Task.Yield();
            }
            catch (InvalidOperationException)
            {
                // It offered no root.
            }
        }

        return (sessions, calls);
    }
}
