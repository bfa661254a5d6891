using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lifeline.Linux;
using Lifeline.Logs;
using Xunit;

namespace Lifeline.Tests.Logs;

/// <summary>A real process collects and is killed again and again while lines are written: none is lost, none doubled.</summary>
public sealed class LogKillTests
{
    private const string ChildVariable = "LIFELINE_TEST_LOGS";
    private static readonly LogLimits Limits = new(300_000, 10_000);

    [Fact]
    public async Task No_line_is_lost_or_doubled_when_the_collector_is_killed()
    {
        using var logs = new TemporaryLogs();
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                logs.Say($"line {written}\n");
                Interlocked.Increment(ref written);
            }
        });
        try
        {
            for (var round = 0; round < 4; round++)
                await CollectAndKillAsync(logs, () => Volatile.Read(ref written));
        }
        finally
        {
            await stop.CancelAsync();
            using var last = await logs.CollectAsync(Limits);
            await writer.WaitAsync(TimeSpan.FromSeconds(60));
        }

        using (await logs.CollectAsync(Limits))
        {
        }

        var lines = logs.ReadAll(out var gap);
        Assert.False(gap);
        Assert.Equal(written, lines.Count);
        for (var i = 0; i < lines.Count; i++)
            Assert.Equal($"line {i}", lines[i]);
    }

    [Fact]
    public async Task Collector_for_the_kill_test()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } order)
            return;
        var parts = order.Split('|');
        var parent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        using var output = ProcFs.TryReopen(parent, int.Parse(parts[2], CultureInfo.InvariantCulture), OpenFlags.Read)!;
        using var error = ProcFs.TryReopen(parent, int.Parse(parts[3], CultureInfo.InvariantCulture), OpenFlags.Read)!;
        using var collector = new LogCollector(new LogOptions { Folder = parts[0] });
        await collector.AddAsync(TemporaryLogs.Service, 1, output, error, Limits);
        await Task.Delay(Timeout.Infinite);
    }

    private static async Task CollectAndKillAsync(TemporaryLogs logs, Func<int> written)
    {
        using var child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "--filter-method", $"{typeof(LogKillTests).FullName}.{nameof(Collector_for_the_kill_test)}", "--results-directory", logs.Options.Folder },
            Environment = { [ChildVariable] = new StringBuilder(logs.Options.Folder).Append(CultureInfo.InvariantCulture, $"|{Environment.ProcessId}|{logs.OutputRead.Number}|{logs.ErrorRead.Number}").ToString() },
            RedirectStandardOutput = true,
        })!;
        var output = child.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        // The pipe holds 64 KiB: that so many lines went through shows that the child collects.
        var enough = written() + 20_000;
        while (written() < enough)
        {
            Assert.False(child.HasExited, "the collector ended by itself: " + (child.HasExited ? await output : ""));
            await Task.Delay(5, deadline.Token);
        }

        child.Kill();
        await child.WaitForExitAsync(deadline.Token);
    }
}
