using System.Globalization;
using Lifeline.Bench.Measuring;
using Lifeline.Bench.Results;
using Lifeline.Bench.Running;
using Lifeline.Linux;

namespace Lifeline.Bench.Workloads;

/// <summary>From kill -9 to the running death recipient.</summary>
internal sealed class DeathWorkload : IWorkload
{
    private const string Early = "-early";
    private const int CrowdSessions = 10_000;
    private const int QuickCrowdSessions = 300;
    private const int LargeMebibytes = 1024;

    private static readonly Column[] s_columns =
    [
        new("p50", "p50", Amounts.Time),
        new("p99", "p99", Amounts.Time),
        new("worst", "worst", Amounts.Time),
        new("kills in a run", "kills", Amounts.Count),
        new("a C pidfd at the same kills: p50", "raw_p50", Amounts.Time),
        new("p99", "raw_p99", Amounts.Time),
        new("p50: × C pidfd", "ratio", Amounts.Times),
    ];

    public string Name => "death";

    public string Summary => "kill -9 of a process until the other side's death recipient runs, and a raw pidfd at the same kill";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        if (run.Ours.FirstOrDefault() is not { } killed)
            return;
        int kills = run.Options.Quick ? 5 : 40;
        int sessions = run.Options.Quick ? QuickCrowdSessions : CrowdSessions;
        Contender[] withEarly = [.. run.Ours.SelectMany(w => (Contender[])[w, w with { Id = w.Id + Early, Name = w.Name + ", early" }])];
        var plain = new ResultTable("death: kill -9 to recipient", s_columns, null);
        await run.RoundsAsync(Name, "plain", plain, withEarly, (c, token) => MeasureAsync(run, c, killed, kills, 0, token), cancellationToken);

        string crowd = sessions.ToString("N0", CultureInfo.InvariantCulture);
        var crowded = new ResultTable($"death: the same while {crowd} other sessions are open and one of them floods", s_columns, null);
        await run.SeriesAsync(Name, "crowd", crowded, [killed], (c, token) => CrowdAsync(run, c, kills, sessions, token), cancellationToken);

        var table = new ResultTable("death: the killed process holds 1 GiB", s_columns, null);
        int fewer = run.Options.Quick ? 1 : 3;
        await run.RoundsAsync(Name, "1-GiB", table, withEarly, (c, token) => MeasureAsync(run, c, killed, fewer, LargeMebibytes, token), cancellationToken);
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, Contender contender, Contender killed, int kills, int mebibytes, CancellationToken cancellationToken)
    {
        string path = run.NewPath(contender);
        string kind = contender.Id.EndsWith(Early, StringComparison.Ordinal) ? "early" : "plain";
        try
        {
            await using Child watcher = await Child.StartAsync(contender, null, ["death-watcher", path, kind], cancellationToken);
            await using Child? raw = await StartRawAsync(run, path, cancellationToken);
            if (mebibytes == 0)
                await KillAsync(watcher, raw, killed, path, run.Options.Quick ? 2 : 10, mebibytes, cancellationToken);
            return await KillAsync(watcher, raw, killed, path, kills, mebibytes, cancellationToken);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task<List<Figures>> CrowdAsync(BenchRun run, Contender host, int kills, int sessions, CancellationToken cancellationToken)
    {
        List<Figures> figures = [];
        string path = run.NewPath(host);
        try
        {
            await using Child watcher = await Child.StartAsync(host, null, ["death-watcher", path, "plain"], cancellationToken);
            await using Child? raw = await StartRawAsync(run, path, cancellationToken);
            await using Child crowd = await Child.StartAsync(host, null, ["sessions-load", path], cancellationToken);
            await using Child flooder = await Child.StartAsync(host, null, ["sessions-load", path], cancellationToken);
            await crowd.AskAsync($"open {sessions}", cancellationToken);
            await flooder.AskAsync("open 1", cancellationToken);
            await flooder.AskAsync("flood", cancellationToken);
            for (int round = 1; round <= run.Options.Runs; round++)
            {
                Progress.Show($"death crowd: run {round} of {run.Options.Runs}", host.Name);
                figures.Add(await KillAsync(watcher, raw, host, path, kills, 0, cancellationToken));
            }
        }
        finally
        {
            File.Delete(path);
        }

        return figures;
    }

    private static async Task<Child?> StartRawAsync(BenchRun run, string path, CancellationToken cancellationToken) =>
        run.Find("c-waiter").FirstOrDefault(w => w.Missing is null) is { } waiter ? await Child.StartAsync(waiter, null, ["death-watcher", path], cancellationToken) : null;

    private static async Task<Figures> KillAsync(Child watcher, Child? raw, Contender killed, string path, int kills, int mebibytes, CancellationToken cancellationToken)
    {
        var ours = new Latencies();
        var theirs = new Latencies();
        double worst = 0;
        for (int i = 0; i < kills; i++)
        {
            // It has introduced itself before it says that it is ready.
            await using Child victim = await Child.StartAsync(killed, null, ["death-victim", path, mebibytes.ToString(CultureInfo.InvariantCulture)], cancellationToken);
            if (raw is not null)
                await raw.AskAsync($"watch {victim.Pid}", cancellationToken);
            using PidFd process = PidFd.Open(victim.Pid);
            // The raw waiter answers before it waits.
            await Task.Delay(5, cancellationToken);
            long before = Role.Now;
            process.Signal(Signals.Kill);
            double at = (await watcher.AskAsync("wait", cancellationToken))["at"];
            ours.Record((long)at - before);
            worst = Math.Max(worst, at - before);
            if (raw is not null)
                theirs.Record((long)(await raw.AskAsync("wait", cancellationToken))["at"] - before);
        }

        var figures = new Figures { ["p50"] = ours.Percentile(0.5), ["p99"] = ours.Percentile(0.99), ["worst"] = worst, ["kills"] = kills };
        if (raw is not null)
        {
            figures["raw_p50"] = theirs.Percentile(0.5);
            figures["raw_p99"] = theirs.Percentile(0.99);
            figures["ratio"] = figures["p50"] / figures["raw_p50"];
        }

        return figures;
    }
}
