using System.Globalization;
using Lifeline.Bench.Results;
using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>Request and reply of 64 bytes.</summary>
internal sealed class CallWorkload : IWorkload
{
    private static readonly Column[] s_columns =
    [
        new("calls/s", "rate", Amounts.Rate),
        new("p50", "p50", Amounts.Time),
        new("p99", "p99", Amounts.Time),
        new("p99.9", "p999", Amounts.Time),
        new("CPU a call: caller", "cpu_caller", Amounts.Time),
        new("server", "cpu_server", Amounts.Time),
        new("allocated", "alloc", Amounts.Bytes),
    ];

    private static readonly string[] s_limits = ["lifeline-native", "lifeline-jit", "c-socket", "c-ring"];

    public string Name => "call";

    public string Summary => "a synchronous call, 64 bytes each way: 1 and 8 callers, on one processor, with pauses";

    public async Task RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        int window = run.Options.Quick ? 200 : 500;
        // Redis has no calls.
        Contender[] all = [.. run.Contenders.Where(c => c.Id != "redis")];
        Contender[] limits = [.. all.Where(c => s_limits.Contains(c.Id))];
        int last = Environment.ProcessorCount - 1;
        await Scenario("1-caller", "call: 1 caller, all processors", "p50", all, new Setting(1, 0, null, window));
        await Scenario("8-callers", "call: 8 callers in one process, all processors", "rate", all, new Setting(8, 0, null, window));
        await Scenario("one-processor", $"call: 1 caller, both sides on processor {last}", "p50", limits, new Setting(1, 0, last, window));
        await Scenario("pauses", "call: 1 caller that pauses for 1 ms between calls, so that both sides sleep", "p50", limits, new Setting(1, 1000, null, window * 2));

        Task Scenario(string name, string title, string primary, IReadOnlyList<Contender> who, Setting setting) => run.RoundsAsync(
            Name, name, new ResultTable(title, s_columns, primary, HigherIsBetter: primary == "rate"), who, (c, token) => MeasureAsync(run, c, setting, token), cancellationToken);
    }

    private static async Task<Figures> MeasureAsync(BenchRun run, Contender contender, Setting setting, CancellationToken cancellationToken)
    {
        await using Pair pair = await Pair.StartAsync(
            run, contender, setting.Processor, ["call-server"], ["call-client", Text(setting.Callers), Text(setting.PauseMicroseconds)], cancellationToken);
        await pair.Client.AskAsync($"go {contender.WarmUpMilliseconds}", cancellationToken);
        double before = (await pair.Server.AskAsync("cpu", cancellationToken))["cpu"];
        Figures figures = await pair.Client.AskAsync($"go {contender.Window(setting.Milliseconds)}", cancellationToken);
        double after = (await pair.Server.AskAsync("cpu", cancellationToken))["cpu"];
        double calls = figures["messages"];
        figures["rate"] = calls / figures["ns"] * 1e9;
        figures["cpu_caller"] = figures["cpu"] / calls;
        figures["cpu_server"] = (after - before) / calls;
        figures["alloc"] /= calls;
        return figures;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <param name="Callers">Threads of one process.</param>
    /// <param name="PauseMicroseconds">Between two calls.</param>
    /// <param name="Processor">The only one that both sides may use; null for all.</param>
    /// <param name="Milliseconds">How long it is measured.</param>
    private sealed record Setting(int Callers, int PauseMicroseconds, int? Processor, int Milliseconds);
}
