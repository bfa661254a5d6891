using System.Globalization;

namespace Lifeline.Ipc.Campaign.Scenes;

/// <summary>A victim with two good neighbours, one over rings and one over the socket, and what must hold in the end whatever else happens.</summary>
internal sealed class Scene : IAsyncDisposable
{
    // Pools of buffers fill up to this; what grows with the sessions goes beyond it soon.
    private const long HeapGrowth = 16 << 20;

    private readonly Census _before;

    private Scene(Victim victim, Witness[] witnesses, Census before)
    {
        Victim = victim;
        Witnesses = witnesses;
        _before = before;
    }

    internal Victim Victim { get; }

    internal Witness[] Witnesses { get; }

    internal static async Task<Scene> OpenAsync(Action<IpcEndpointOptions>? change = null)
    {
        var victim = new Victim(change);
        Witness[] witnesses = [await Witness.StartAsync(victim.Path, rings: true), await Witness.StartAsync(victim.Path, rings: false)];
        // The first sessions bring threads and tables that stay.
        while (witnesses.Any(w => w.Calls < 20 && w.Error is null))
            await Task.Delay(1);
        return new Scene(victim, witnesses, Census.Take());
    }

    /// <summary>Checks what holds in every scene.</summary>
    /// <param name="sessions">How many sessions the bad neighbours had at least.</param>
    internal async Task<string> CheckAsync(int sessions)
    {
        LogBook log = Victim.Log;
        long calls = Witnesses.Sum(w => w.Calls);
        foreach (Witness witness in Witnesses)
            CampaignException.Unless(witness.Error is null, $"a good neighbour was hurt {witness.Error}");
        CampaignException.Unless(log.Unforeseen.Count == 0, $"the victim met something unforeseen: {log.Unforeseen.FirstOrDefault()}");
        // Only the good ones are left.
        await UntilAsync(() => Victim.Endpoint.Sessions.Count <= Witnesses.Length, "sessions of dead or closed peers are still open");
        int others = Victim.Opened - Witnesses.Length;
        await UntilAsync(() => log.Ended >= others, "an end was not logged");
        CampaignException.Unless(log.WithoutReason == 0, $"{log.WithoutReason} sessions ended without a reason in the log");
        CampaignException.Unless(others >= sessions, $"{others} sessions of bad neighbours came, at least {sessions} were expected");
        Census now = await Census.SettleAsync(_before, HeapGrowth);
        foreach (Witness witness in Witnesses)
        {
            long answered = witness.Calls;
            await UntilAsync(() => witness.Calls > answered || witness.Error is not null, "a good neighbour waits for an answer");
            CampaignException.Unless(witness.Error is null, $"a good neighbour was hurt {witness.Error}");
        }

        string reasons = string.Join("\n", log.Reasons.Take(6).Select(r => string.Create(CultureInfo.InvariantCulture, $"    {r.Count} x {r.Reason}")));
        return string.Create(CultureInfo.InvariantCulture, $"""
              {others} sessions of bad neighbours, {log.Violations} protocol violations, each end with its reason in the log:
            {reasons}
              good neighbours: {calls} calls, no error, the longest {Witnesses.Max(w => w.LongestMilliseconds):0} ms
              held before and after: {_before}; {now}
            """);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Witness witness in Witnesses)
            await witness.DisposeAsync();
        await Victim.DisposeAsync();
    }

    internal static async Task UntilAsync(Func<bool> condition, string otherwise, int seconds = 30)
    {
        for (int waited = 0; !condition(); waited += 10)
        {
            CampaignException.Unless(waited < seconds * 1000, $"{otherwise} after {seconds} s");
            await Task.Delay(10);
        }
    }
}
