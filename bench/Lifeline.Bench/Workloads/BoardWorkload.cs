using Lifeline.Bench.Results;
using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>A status board: what a write and a read cost, and whether a reader ever sees a torn value.</summary>
internal sealed class BoardWorkload : IWorkload
{
    private static readonly Column[] s_columns =
    [
        new("a write", "write", Amounts.Time),
        new("a write, in a file", "write_file", Amounts.Time),
        new("a read", "read", Amounts.Time),
        new("a read while it is written", "contended", Amounts.Time),
        new("such reads in a run", "reads", Amounts.Count),
        new("torn, all runs", "torn", Amounts.Count),
        new("gave up", "missed", Amounts.Count),
    ];

    public string Name => "board";

    public string Summary => "a status board of 64 slots with 64 bytes each: one process writes, another reads";

    public Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        Dictionary<string, double> torn = [];
        return run.RoundsAsync(Name, "board", new ResultTable("board: a write, a read", s_columns, null), [.. run.Ours], MeasureAsync, cancellationToken);

        async Task<Figures> MeasureAsync(Contender contender, CancellationToken token)
        {
            long alone = run.Options.Quick ? 1_000_000 : 10_000_000;
            await using Pair pair = await Pair.StartAsync(run, contender, "board-writer", "board-reader", token);
            await pair.Server.AskAsync("write 2000000", token);
            await pair.Client.AskAsync("read 2000000", token);
            Figures written = await pair.Server.AskAsync($"write {alone}", token);
            Figures file = await pair.Server.AskAsync($"write-file {alone / 100}", token);
            Figures read = await pair.Client.AskAsync($"read {alone}", token);
            await pair.Server.AskAsync("start", token);
            Figures contended = await pair.Client.AskAsync($"read {run.Options.BoardReads}", token);
            await pair.Server.AskAsync("halt", token);
            // A median would hide a single one.
            torn[contender.Id] = torn.GetValueOrDefault(contender.Id) + contended["torn"] + read["torn"];
            return new Figures
            {
                ["write"] = written["ns"] / alone,
                ["write_file"] = file["ns"] / file["writes"],
                ["read"] = read["ns"] / alone,
                ["contended"] = contended["ns"] / contended["reads"],
                ["reads"] = contended["reads"],
                ["torn"] = torn[contender.Id],
                ["missed"] = contended["missed"],
            };
        }
    }
}
