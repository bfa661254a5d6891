using Lifeline.Cli.Rendering;
using Lifeline.Contracts;

namespace Lifeline.Tests.Cli;

public sealed class Details_of_a_service : IDisposable
{
    private readonly CommandRun command = new() { Time = new FixedTime(Samples.Now) };

    public void Dispose() => command.Dispose();

    [Fact]
    public async Task Tell_what_is_next_and_what_it_has()
    {
        await using var monitor = command.Monitor();
        monitor.Services.Add(Samples.Service("orders", ServiceState.Starting) with
        {
            Due = new SnapshotDue { At = Samples.Now.AddSeconds(12), What = "ready_timeout" },
            Limits = new SnapshotLimits { Nofile = 4096, MemoryBytes = 512L << 20, CoreBytes = 0 },
            Listen =
            [
                new SnapshotSocket { Name = "http", Kind = "tcp", Address = "127.0.0.1:8080", IsOpen = true },
                new SnapshotSocket { Name = "admin", Kind = "unix", Address = "/run/orders.sock" },
            ],
            Stored = ["clients", "stored"],
        });
        var (code, output, error) = command.Run("status", "orders");
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("  next        killed unless it is ready within 12s (ready_timeout)\n", output, StringComparison.Ordinal);
        Assert.Contains("  limits      nofile 4096, memory 512.0 MiB, core 0\n", output, StringComparison.Ordinal);
        Assert.Contains("  listens     http at tcp 127.0.0.1:8080, admin at unix /run/orders.sock (not open)\n", output, StringComparison.Ordinal);
        Assert.Contains("  keeps       clients, stored\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("restart", "started again in 2s (backoff)")]
    [InlineData("retry", "tried again in 2s (failed_retry)")]
    [InlineData("launch_timeout", "given up unless it is executed within 2s")]
    [InlineData("ready_timeout", "killed unless it is ready within 2s (ready_timeout)")]
    [InlineData("stop_timeout", "killed unless it has ended within 2s (stop.timeout)")]
    [InlineData("reclaim_timeout", "the cleanup may take 2s more (reclaim.timeout)")]
    [InlineData("hung", "counts as hung without a sign of life within 2s (heartbeat)")]
    [InlineData("kill", "killed again in 2s")]
    [InlineData("reclaim", "cleaned up again in 2s")]
    [InlineData("of_a_later_version", "of_a_later_version in 2s")]
    public void Say_what_is_due(string what, string text) =>
        Assert.Equal(text, DetailWords.Due(new SnapshotDue { At = Samples.Now.AddSeconds(2), What = what }, Samples.Now));

    [Fact]
    public void A_process_that_is_just_ending_is_dying()
    {
        var table = StatusTable.Plain([Samples.Service("orders") with { Dying = true }], Samples.Now);
        Assert.Contains("running (dying)", table, StringComparison.Ordinal);
    }
}
