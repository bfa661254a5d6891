using Lifeline.Bench.Results;
using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>Payloads from 1 KiB to 64 MiB: copied through the parcel or the socket, and passed as blocks of shared memory.</summary>
internal sealed class LargeWorkload : IWorkload
{
    private const int MostBytes = 64 << 20;
    private const int SmallBlock = 64;

    private static readonly (string Title, int Bytes)[] s_sizes = [("1 KiB", 1 << 10), ("64 KiB", 64 << 10), ("1 MiB", 1 << 20), ("64 MiB", MostBytes)];
    private static readonly string[] s_participants = ["lifeline-native", "lifeline-jit", "c-socket", "streamjsonrpc", "grpc", "netmq", "named-pipe"];

    private static readonly Column[] s_blockColumns =
    [
        new("64 B block: a call", "small", Amounts.Time),
        new("64 MiB block: a call", "large", Amounts.Time),
        new("64 MiB ÷ 64 B", "ratio", Amounts.Times),
        new("first pass over it", "first_pass", Amounts.Speed),
        new("second pass", "second_pass", Amounts.Speed),
        new("private memory", "own_memory", Amounts.Speed),
        new("second pass ÷ private", "share", Amounts.Share),
    ];

    public string Name => "large";

    public string Summary => "payloads of 1 KiB to 64 MiB, of which the receiver reads every byte; blocks of shared memory";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        Column[] columns = [.. s_sizes.Select(s => new Column(s.Title, Figure(s.Bytes), Amounts.Speed))];
        await run.RoundsAsync(
            Name,
            "payloads",
            new ResultTable("large: payloads sent by a call (raw data in Lifeline), every byte read by the receiver", columns, Figure(1 << 20), HigherIsBetter: true),
            [.. run.Find(s_participants)],
            (c, token) => MeasureAsync(run, c, token),
            cancellationToken);
        await run.RoundsAsync(
            Name, "blocks", new ResultTable("large: passing a SharedBlock, mapping it and looking at 64 bytes; reading all of a 64 MiB block on the other side", s_blockColumns, null), [.. run.Ours], (c, token) => MeasureBlocksAsync(run, c, token), cancellationToken);
    }

    private static string Figure(int bytes) => $"speed_{bytes}";

    private static async Task<Figures> MeasureAsync(BenchRun run, Contender contender, CancellationToken cancellationToken)
    {
        int window = run.Options.Quick ? 50 : 250;
        var figures = new Figures();
        await using Pair pair = await Pair.StartAsync(run, contender, "large-server", "large-client", cancellationToken);
        foreach ((_, int bytes) in s_sizes)
        {
            await pair.Client.AskAsync($"go {contender.WarmUpMilliseconds / 4} {bytes}", cancellationToken);
            Figures measured = await pair.Client.AskAsync($"go {window} {bytes}", cancellationToken);
            figures[Figure(bytes)] = measured["messages"] * bytes / measured["ns"] * 1e9;
        }

        return figures;
    }

    private static async Task<Figures> MeasureBlocksAsync(BenchRun run, Contender contender, CancellationToken cancellationToken)
    {
        int window = run.Options.Quick ? 50 : 250;
        var figures = new Figures();
        await using Pair pair = await Pair.StartAsync(run, contender, "large-server", "large-client", cancellationToken);
        await pair.Client.AskAsync($"block {contender.WarmUpMilliseconds} {SmallBlock}", cancellationToken);
        figures["small"] = (await pair.Client.AskAsync($"block {window} {SmallBlock}", cancellationToken))["p50"];
        figures["large"] = (await pair.Client.AskAsync($"block {window} {MostBytes}", cancellationToken))["p50"];
        figures["ratio"] = figures["large"] / figures["small"];
        Figures passes = await pair.Client.AskAsync($"passes {MostBytes}", cancellationToken);
        figures["first_pass"] = MostBytes / passes["first"] * 1e9;
        figures["second_pass"] = MostBytes / passes["second"] * 1e9;
        figures["own_memory"] = MostBytes / passes["own"] * 1e9;
        figures["share"] = figures["second_pass"] / figures["own_memory"];
        return figures;
    }
}
