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

    private static readonly Column[] s_columns = [new("p50", "p50", Amounts.Time), new("p99", "p99", Amounts.Time), new("worst", "worst", Amounts.Time), new("kills in a run", "kills", Amounts.Count)];

    public string Name => "death";

    public string Summary => "kill -9 of a process until the other side's death recipient runs, beside a raw pidfd";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        if (run.Ours.FirstOrDefault() is not { } killed)
            return;
        int kills = run.Options.Quick ? 5 : 40;
        int sessions = run.Options.Quick ? QuickCrowdSessions : CrowdSessions;
        Contender[] watchers = [.. run.Ours, .. run.Find("c-waiter")];
        Contender[] withEarly = [.. run.Ours.SelectMany(w => (Contender[])[w, w with { Id = w.Id + Early, Name = w.Name + ", early" }]), .. run.Find("c-waiter")];
        var plain = new ResultTable("death: kill -9 to recipient", s_columns, "p50", Baseline: "c-waiter");
        await run.RoundsAsync(Name, "plain", plain, withEarly, (c, token) => MeasureAsync(run, c, killed, kills, 0, token), cancellationToken);

        string crowd = sessions.ToString("N0", CultureInfo.InvariantCulture);
        var crowded = new ResultTable($"death: the same while {crowd} other sessions are open and one of them floods", s_columns, "p50", Baseline: "c-waiter");
        await CrowdAsync(run, crowded, watchers, killed, kills, sessions, cancellationToken);

        var table = new ResultTable("death: the killed process holds 1 GiB", s_columns, "p50", Baseline: "c-waiter");
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
            if (mebibytes == 0)
                await KillAsync(watcher, contender, killed, path, run.Options.Quick ? 2 : 10, mebibytes, cancellationToken);
            return await KillAsync(watcher, contender, killed, path, kills, mebibytes, cancellationToken);
        }
        finally
        {
            File.Delete(path);
        }
    }

    // The same crowd around all watchers: it is at a Lifeline watcher, and the raw one waits beside it.
    private static async Task CrowdAsync(BenchRun run, ResultTable table, Contender[] watchers, Contender killed, int kills, int sessions, CancellationToken cancellationToken)
    {
        Contender host = killed;
        Contender[] others = [.. watchers.Where(w => w == host || !w.IsOurs)];
        Dictionary<string, List<Figures>> figures = others.ToDictionary(w => w.Id, _ => new List<Figures>());
        string path = run.NewPath(host);
        string? note = null;
        List<(Contender Who, Child Child)> started = [];
        try
        {
            foreach (Contender watcher in others.Where(w => w.Missing is null))
                started.Add((watcher, await Child.StartAsync(watcher, null, ["death-watcher", path, "plain"], cancellationToken)));
            await using Child crowd = await Child.StartAsync(host, null, ["sessions-load", path], cancellationToken);
            await using Child flooder = await Child.StartAsync(host, null, ["sessions-load", path], cancellationToken);
            await crowd.AskAsync($"open {sessions}", cancellationToken);
            await flooder.AskAsync("open 1", cancellationToken);
            await flooder.AskAsync("flood", cancellationToken);
            for (int round = 1; round <= run.Options.Runs; round++)
            {
                Progress.Show($"death crowd: run {round} of {run.Options.Runs}", "all in turn");
                foreach ((Contender watcher, Child child) in started)
                    figures[watcher.Id].Add(await KillAsync(child, watcher, killed, path, kills, 0, cancellationToken));
            }
        }
        catch (BenchException e)
        {
            note = "failed: " + e.Message;
            run.Fail();
        }
        finally
        {
            foreach ((_, Child child) in started)
                await child.DisposeAsync();
            File.Delete(path);
        }

        run.Show(table, [.. others.Select(w => new Outcome("death", "crowd", w.Id, w.Name, figures[w.Id].Count, Figures.Median(figures[w.Id]), note ?? w.Missing))]);
    }

    private static async Task<Figures> KillAsync(Child watcher, Contender contender, Contender killed, string path, int kills, int mebibytes, CancellationToken cancellationToken)
    {
        var latencies = new Latencies();
        double worst = 0;
        for (int i = 0; i < kills; i++)
        {
            // It has introduced itself before it says that it is ready.
            await using Child victim = await Child.StartAsync(killed, null, ["death-victim", contender.IsOurs ? path : "-", mebibytes.ToString(CultureInfo.InvariantCulture)], cancellationToken);
            await watcher.AskAsync($"watch {victim.Pid}", cancellationToken);
            using PidFd process = PidFd.Open(victim.Pid);
            // The raw waiter answers before it waits.
            await Task.Delay(5, cancellationToken);
            long before = Role.Now;
            process.Signal(Signals.Kill);
            double at = (await watcher.AskAsync("wait", cancellationToken))["at"];
            latencies.Record((long)at - before);
            worst = Math.Max(worst, at - before);
        }

        return new Figures { ["p50"] = latencies.Percentile(0.5), ["p99"] = latencies.Percentile(0.99), ["worst"] = worst, ["kills"] = kills };
    }
}
