using Lifeline.Bench.Running;

namespace Lifeline.Bench.Workloads;

/// <summary>Something that is measured, in one or more scenarios.</summary>
internal interface IWorkload
{
    string Name { get; }

    /// <summary>What it measures, in one line.</summary>
    string Summary { get; }

    Task RunAsync(BenchRun run, CancellationToken cancellationToken);
}
