using System.Globalization;
using System.Text;
using Lifeline.Linux;
using Lifeline.Logs;
using Xunit;

namespace Lifeline.Tests.Logs;

/// <summary>A writer that never waits, beside a collector that is always just behind it or just ahead.</summary>
public sealed class LogFloodTests : IDisposable
{
    private const int LineLength = 100;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly TemporaryLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData(4000)]
    [InlineData(100)]
    [InlineData(33)]
    public async Task No_line_of_a_flood_is_cut_by_a_rotation_or_lost(int block)
    {
        const int Lines = 400_000;
        Pipe.TrySetCapacity(_logs.OutputRead, 256 * 1024);
        using var collector = await _logs.CollectAsync(new LogLimits(299_950, 1000));
        await Task.Factory.StartNew(() => Write(Lines, block), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);

        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
        Assert.True(collector.Counters(TemporaryLogs.Service)!.Value.Rotations > Lines * LineLength / 310_000, "It was rotated too seldom.");
        var files = Directory.GetFiles(_logs.ServiceFolder, "stdout*.log");
        Assert.All(files, f => Assert.Equal((byte)'\n', File.ReadAllBytes(f)[^1]));
        var numbers = files.SelectMany(File.ReadLines).Select(l => int.Parse(l.AsSpan(0, 9), CultureInfo.InvariantCulture)).Order();
        Assert.Equal(Enumerable.Range(0, Lines), numbers);
    }

    [Fact]
    public async Task A_long_line_that_comes_in_pieces_at_the_end_of_a_file_is_not_cut()
    {
        _logs.Options = _logs.Options with { IndexSpacing = TimeSpan.Zero };
        using var collector = await _logs.CollectAsync(new LogLimits(300_000, 10));
        // Up to just before the last 64 KiB, in which only whole lines are begun; each piece has an entry in the index.
        for (var size = 0; size < 300_000 - _logs.Options.MaxPartialLine - 1000; size += 500)
            _logs.Say(new string('x', 499) + "\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        for (var piece = 0; piece < 600; piece++)
        {
            _logs.Say(new string('y', 100));
            await collector.FlushAsync(TemporaryLogs.Service);
        }

        _logs.Say("\nnext\n");
        await collector.FlushAsync(TemporaryLogs.Service);

        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
        Assert.Contains(Directory.GetFiles(_logs.ServiceFolder, "stdout*.log").SelectMany(File.ReadLines), l => l.Length == 60_000);
    }

    private void Write(int lines, int block)
    {
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, lines).Select(i => i.ToString("D9", CultureInfo.InvariantCulture) + new string('x', LineLength - 10) + "\n")));
        for (var done = 0; done < text.Length; done += block)
            _logs.OutputWrite.WriteAll(text.AsSpan(done, Math.Min(block, text.Length - done)));
    }
}
