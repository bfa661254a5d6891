using System.Globalization;
using Lifeline.Bench.Results;
using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>Many sessions into one process, each with one message a second; and sessions that say nothing.</summary>
internal sealed class SessionsWorkload : IWorkload
{
    private const int IdleSessions = 10;

    private static readonly Column[] s_columns =
    [
        new("receiver's CPU", "load", Amounts.Share),
        new("p50", "p50", Amounts.Time),
        new("p99", "p99", Amounts.Time),
        new("p99.9", "p999", Amounts.Time),
        new("messages/s", "rate", Amounts.Rate),
        new("memory a session: receiver", "pss_server", Amounts.Bytes),
        new("sender", "pss_load", Amounts.Bytes),
        new("both", "pss", Amounts.Bytes),
    ];

    private static readonly Column[] s_idleColumns = [new("receiver's CPU", "server", Amounts.Share), new("sender's CPU", "load", Amounts.Share), new("over", "ns", Amounts.Time)];

    public string Name => "sessions";

    public string Summary => "1,000 and 10,000 sessions with one 64-byte message a second each; 10 sessions that are idle";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        Contender[] who = [.. run.Ours, .. run.Find("c-crowd")];
        foreach (int sessions in run.Options.Quick ? [1000] : (int[])[1000, 10_000])
        {
            string count = sessions.ToString("N0", CultureInfo.InvariantCulture);
            var table = new ResultTable($"sessions: {count} sessions, one message a second each", s_columns, "load", Baseline: "c-crowd");
            await run.SeriesAsync(Name, $"{sessions}-sessions", table, who, (c, token) => MeasureAsync(run, c, sessions, token), cancellationToken);
        }

        var idle = new ResultTable($"sessions: {IdleSessions} sessions that say nothing", s_idleColumns, null);
        await run.SeriesAsync(Name, "idle", idle, [.. run.Ours], (c, token) => MeasureIdleAsync(run, c, token), cancellationToken);
    }

    private static async Task<List<Figures>> MeasureAsync(BenchRun run, Contender contender, int sessions, CancellationToken cancellationToken)
    {
        TimeSpan window = TimeSpan.FromSeconds(run.Options.Quick ? 1 : 3);
        await using Pair pair = await Pair.StartAsync(run, contender, "sessions-server", "sessions-load", cancellationToken);
        // One session before the first look: what a process needs for having any at all is not what each one costs.
        await pair.Client.AskAsync("open 1", cancellationToken);
        double server = (await pair.Server.AskAsync("pss", cancellationToken))["pss"];
        double load = (await pair.Client.AskAsync("pss", cancellationToken))["pss"];
        await pair.Client.AskAsync($"open {sessions}", cancellationToken);
        await pair.Client.AskAsync("start", cancellationToken);
        // Every session has sent something before the memory is looked at.
        await Task.Delay(TimeSpan.FromSeconds(1.5), cancellationToken);
        List<Figures> all = [];
        for (int i = 0; i < run.Options.Runs; i++)
        {
            await pair.Server.AskAsync("begin", cancellationToken);
            await Task.Delay(window, cancellationToken);
            Figures figures = await pair.Server.AskAsync("end", cancellationToken);
            figures["load"] = figures["cpu"] / figures["ns"];
            figures["rate"] = figures["messages"] / figures["ns"] * 1e9;
            all.Add(figures);
        }

        double serverAfter = (await pair.Server.AskAsync("pss", cancellationToken))["pss"];
        double loadAfter = (await pair.Client.AskAsync("pss", cancellationToken))["pss"];
        foreach (Figures figures in all)
        {
            figures["pss_server"] = (serverAfter - server) / (sessions - 1);
            figures["pss_load"] = (loadAfter - load) / (sessions - 1);
            figures["pss"] = figures["pss_server"] + figures["pss_load"];
        }

        return all;
    }

    private static async Task<List<Figures>> MeasureIdleAsync(BenchRun run, Contender contender, CancellationToken cancellationToken)
    {
        await using Pair pair = await Pair.StartAsync(run, contender, "sessions-server", "sessions-load", cancellationToken);
        await pair.Client.AskAsync($"open {IdleSessions}", cancellationToken);
        // What is still settling after the start does not count.
        await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
        double server = (await pair.Server.AskAsync("cpu", cancellationToken))["cpu"];
        double load = (await pair.Client.AskAsync("cpu", cancellationToken))["cpu"];
        double ns = (run.Options.Quick ? 2 : 10) * 1e9;
        await Task.Delay(TimeSpan.FromSeconds(ns / 1e9), cancellationToken);
        return
        [
            new Figures
            {
                ["server"] = ((await pair.Server.AskAsync("cpu", cancellationToken))["cpu"] - server) / ns,
                ["load"] = ((await pair.Client.AskAsync("cpu", cancellationToken))["cpu"] - load) / ns,
                ["ns"] = ns,
            },
        ];
    }
}
