using System.Runtime.InteropServices;
using Lifeline.Bench.Results;
using Lifeline.Bench.Running;
using Lifeline.Bench.Workloads;

namespace Lifeline.Bench.Command;

/// <summary>The command that measures.</summary>
internal static class BenchCommand
{
    private const int UsageError = 2;
    private const int Interrupted = 130;
    private static readonly IWorkload[] s_workloads = [new CallWorkload(), new OneWayWorkload(), new LargeWorkload(), new SessionsWorkload(), new DeathWorkload(), new BoardWorkload()];

    internal static async Task<int> RunAsync(string[] args)
    {
        BenchOptions options;
        try
        {
            options = BenchOptions.Parse(args, [.. s_workloads.Select(w => w.Name)]);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\nbench --help tells how to use it");
            return UsageError;
        }

        if (options.Help || options.List)
        {
            Console.Out.Write(options.Help ? Usage() : Workloads());
            return 0;
        }

        using var cancellation = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lifeline-bench-");
        try
        {
            return await MeasureAsync(options, folder.FullName, cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            Progress.Clear();
            await Console.Error.WriteLineAsync("interrupted");
            return Interrupted;
        }
        catch (BenchException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            cancellation.Cancel();
        }
    }

    private static async Task<int> MeasureAsync(BenchOptions options, string folder, CancellationToken cancellationToken)
    {
        IReadOnlyList<Contender> contenders = await ContenderList.BuildAsync(options, folder, cancellationToken);
        var run = new BenchRun(options, contenders, folder, Console.Out);
        foreach (IWorkload workload in s_workloads.Where(w => options.Workloads.Count == 0 || options.Workloads.Contains(w.Name)))
        {
            run.Output.WriteLine($"\n== {workload.Name}: {workload.Summary}\n   {await MachineLoad.DescribeAsync(cancellationToken)}");
            await workload.RunAsync(run, cancellationToken);
        }

        if (Targets.Lines(run.Outcomes) is { Count: > 1 } targets)
            run.Show("What is promised of it (the native build where it took part)", targets);
        if (options.JsonFile is { } file)
            await JsonReport.WriteAsync(file, options, run.Outcomes, cancellationToken);
        if (options.MarkdownFile is { } page)
            await run.Markdown.WriteAsync(page, cancellationToken);
        return run.Failed ? 1 : 0;
    }

    private static string Workloads() => string.Concat(s_workloads.Select(w => $"  {w.Name,-10}{w.Summary}\n"));

    private static string Usage() =>
        $"""
        Measures Lifeline.Ipc between processes, beside what else one could take, in one run.

        usage: bench/Lifeline.Bench/run [WORKLOAD …] [options]
               dotnet run -c Release --project bench/Lifeline.Bench -- [WORKLOAD …] [options]

        workloads (all of them if none is named):
        {Workloads()}  list      this list

        options:
          --runs N       medians of N runs: 1 to 100, default 5 (1 with --quick)
          --quick        short measurements, to see that everything works; the figures mean little
          --aot          builds the native Lifeline as well and measures it too (run does this by itself)
          --no-peers     without other libraries
          --only A,B     only these contenders: lifeline-native, lifeline-jit, c-socket, c-ring, streamjsonrpc, grpc,
                         netmq, named-pipe, redis, dbus, c-crowd (sessions), c-waiter (death)
          --board-reads N  reads of the status board in each run while it is written: default 10000000
          --json FILE    writes all figures to a file as well
          --markdown F   writes the tables to a file as well; docs/performance.md has a place for them

        A row of a table holds medians. "× C socket" relates it to the raw Unix socket of the same run, the last
        column to Lifeline. Compare ratios, not absolute figures, and only on a machine that does nothing else.

        """;
}
