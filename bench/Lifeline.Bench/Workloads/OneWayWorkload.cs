using System.Globalization;
using Lifeline.Bench.Results;
using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>One-way reports of 64 bytes, from the first that is sent to the last that was handled.</summary>
internal sealed class OneWayWorkload : IWorkload
{
    private const int ProbeMessages = 20_000;
    private const int LeastMessages = 5_000;

    private static readonly Column[] s_columns =
    [
        new("messages/s", "rate", Amounts.Rate),
        new("CPU a message: sender", "cpu_sender", Amounts.Time),
        new("receiver", "cpu_receiver", Amounts.Time),
        new("allocated: sender", "alloc_sender", Amounts.Bytes),
        new("receiver ", "alloc", Amounts.Bytes),
        new("queue full", "full", Amounts.Count),
    ];

    public string Name => "oneway";

    public string Summary => "one-way reports of 64 bytes, counted by the handler: 1 and 8 sender processes";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        foreach (int senders in (int[])[1, 8])
        {
            string title = senders == 1 ? "oneway: 1 sender process" : $"oneway: {senders} sender processes, all together";
            await run.RoundsAsync(
                Name, senders == 1 ? "1-sender" : $"{senders}-senders", new ResultTable(title, s_columns, "rate", HigherIsBetter: true), [.. run.Contenders], (c, token) => MeasureAsync(run, c, senders, token), cancellationToken);
        }
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, Contender contender, int senders, CancellationToken cancellationToken)
    {
        string path = run.NewPath(contender);
        List<Child> children = [];
        try
        {
            Child receiver = await Child.StartAsync(contender, null, ["report-receiver", path, Text(senders)], cancellationToken);
            children.Add(receiver);
            children.AddRange(await Child.StartAllAsync(contender, [.. Enumerable.Range(0, senders).Select(i => (string[])["report-sender", path, Text(i)])], cancellationToken));
            // How many are sent follows from how fast it goes: each measurement takes about as long, whoever is measured.
            Figures probe = await PhaseAsync(ProbeMessages / senders);
            Figures warmed = await PhaseAsync(Messages(probe, contender.WarmUpMilliseconds));
            return await PhaseAsync(Messages(warmed, contender.Window(run.Options.Quick ? 150 : 500)));
        }
        finally
        {
            foreach (Child child in children)
                await child.DisposeAsync();
            File.Delete(path);
        }

        long Messages(Figures before, int milliseconds) => Math.Max(LeastMessages / senders, (long)(before["rate"] * milliseconds / 1000 / senders));

        async Task<Figures> PhaseAsync(long each)
        {
            await children[0].AskAsync($"expect {each}", cancellationToken);
            foreach (Child sender in children.Skip(1))
                await sender.SayAsync($"go {each}", cancellationToken);
            Figures[] sent = [.. await Task.WhenAll(children.Skip(1).Select(c => c.AnswerAsync(cancellationToken)))];
            Figures figures = await children[0].AskAsync("wait", cancellationToken);
            double messages = figures["messages"];
            figures["rate"] = messages / (figures["last"] - sent.Min(s => s["began"])) * 1e9;
            figures["cpu_receiver"] = figures["cpu"] / messages;
            figures["cpu_sender"] = sent.Sum(s => s["cpu"]) / messages;
            figures["alloc"] /= messages;
            figures["alloc_sender"] = sent.Sum(s => s["alloc"]) / messages;
            figures["full"] = sent.Sum(s => s["full"]);
            return figures;
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
