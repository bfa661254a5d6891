using Lifeline.Reclaim;

namespace Lifeline.Probing;

/// <summary>Good is a command that ends with exit code 0. What does not end in time is killed with everything it started.</summary>
internal sealed class ExecProbe(CommandOrder order, string name, BlockingThreads threads, TimeProvider time) : IProbe
{
    public async Task<ProbeOutcome> AskAsync(CancellationToken timeout, CancellationToken stop)
    {
        // The runner keeps the time itself, and tells what the command had said by then.
        var result = await threads.Run(() => new CommandRunner(time).Run(order, stop)).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return result.Succeeded ? ProbeOutcome.Good($"{name} exited with 0") : ProbeOutcome.Bad($"{name}: {result.Describe()}");
    }
}
