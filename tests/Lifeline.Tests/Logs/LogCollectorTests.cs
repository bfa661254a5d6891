using Lifeline.Contracts;
using Lifeline.Linux;
using Lifeline.Logs;
using Xunit;

namespace Lifeline.Tests.Logs;

public sealed class LogCollectorTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public async Task Both_streams_are_kept_and_read_back_in_the_order_they_came()
    {
        using var collector = await _logs.CollectAsync();
        foreach (var i in Enumerable.Range(0, 10))
        {
            _logs.Say($"out {i}\n");
            await collector.FlushAsync(TemporaryLogs.Service);
            _logs.Complain($"err {i}\n");
            await collector.FlushAsync(TemporaryLogs.Service);
        }

        var chunk = _logs.Last();
        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => new[] { $"out {i}", $"err {i}" }), chunk.Lines.Select(l => l.Text));
        Assert.Equal(LogStream.StandardOutput, chunk.Lines[0].Stream);
        Assert.Equal(LogStream.StandardError, chunk.Lines[1].Stream);
        Assert.Equal(["err 8", "out 9", "err 9"], _logs.Last(3).Lines.Select(l => l.Text));
    }

    [Fact]
    public async Task Files_are_rotated_at_line_ends_and_no_line_is_lost_or_doubled()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(4096, 1000));
        const int Count = 3000;
        for (var i = 0; i < Count; i++)
            _logs.Say($"line {i} {new string('x', i % 97)}\n");
        await collector.FlushAsync(TemporaryLogs.Service);

        var files = Directory.GetFiles(_logs.ServiceFolder, "stdout.*.log");
        Assert.True(files.Length > 20, $"{files.Length} files");
        Assert.All(files, f => Assert.Equal((byte)'\n', File.ReadAllBytes(f)[^1]));
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 2500, 4096));
        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"line {i} {new string('x', i % 97)}"), _logs.ReadAll(out var gap));
        Assert.False(gap);
        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
    }

    [Fact]
    public async Task Only_the_newest_files_are_kept_and_a_cursor_to_what_is_gone_says_so()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(1000, 3));
        _logs.Say("first\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var cursor = _logs.Last().Cursor;
        for (var i = 0; i < 1000; i++)
            _logs.Say($"line {i} 0123456789\n");
        await collector.FlushAsync(TemporaryLogs.Service);

        var rotated = Directory.GetFiles(_logs.ServiceFolder, "stdout.*.log").Length;
        Assert.InRange(rotated, 1, 2);
        Assert.Equal(rotated + 1, Directory.GetFiles(_logs.ServiceFolder, "stdout.*.idx").Length);
        var lines = _logs.ReadAll(out var gap, cursor);
        Assert.True(gap);
        Assert.Equal("line 999 0123456789", lines[^1]);
        var expected = Enumerable.Range(1000 - lines.Count, lines.Count).Select(i => $"line {i} 0123456789");
        Assert.Equal(expected, lines);
    }

    [Theory]
    [InlineData(64 * 1024, 1)]
    [InlineData(64 * 1024, 2)]
    [InlineData(20_000, 5)]
    [InlineData(1024, 3)]
    public async Task Both_streams_and_their_indexes_together_never_take_more_than_the_total(long maxSize, int maxFiles)
    {
        var limits = new LogLimits(maxSize, maxFiles);
        _logs.Options = _logs.Options with { IndexSpacing = TimeSpan.Zero };
        for (var round = 0; round < 2; round++)
        {
            using var collector = await _logs.CollectAsync(limits);
            for (var i = 0; i < 400; i++)
            {
                _logs.Say($"out {i} {new string('x', (i * 37) % 900)}\n");
                if (i % 3 == 0)
                    _logs.Complain($"err {i} {new string('y', (i * 91) % 500)}\n");
                if (i % 7 != 0)
                    continue;
                await collector.FlushAsync(TemporaryLogs.Service);
                Assert.InRange(SizeOfAll(), 0, limits.Total);
            }

            await collector.FlushAsync(TemporaryLogs.Service);
            Assert.InRange(SizeOfAll(), limits.Total / 4, limits.Total);
            Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Lost);
        }
    }

    [Fact]
    public async Task Lower_limits_hold_at_once_when_output_comes()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(100_000, 5));
        for (var i = 0; i < 1000; i++)
        {
            _logs.Say($"out {i} {new string('x', 100)}\n");
            _logs.Complain($"err {i} {new string('x', 100)}\n");
            await collector.FlushAsync(TemporaryLogs.Service);
        }

        var lower = new LogLimits(4096, 2);
        await collector.ReplaceAsync(TemporaryLogs.Service, lower);
        _logs.Say("after\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.InRange(SizeOfAll(), 1, lower.Total);
        Assert.Equal("after", _logs.Last().Lines[^1].Text);
    }

    [Fact]
    public async Task A_line_that_begins_near_the_end_of_a_file_goes_whole_into_the_next_one()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(400_000, 10));
        var expected = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            // Written in two parts with the collector's look in between, and up to the longest line that is never cut.
            var line = $"{i} " + new string((char)('a' + (i % 26)), (i * 7919) % 60_000);
            expected.Add(line);
            _logs.Say(line[..(line.Length / 2)]);
            await collector.FlushAsync(TemporaryLogs.Service);
            _logs.Say(line[(line.Length / 2)..] + "\n");
            await collector.FlushAsync(TemporaryLogs.Service);
        }

        Assert.Equal(expected, _logs.ReadAll(out _));
        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
    }

    private long SizeOfAll() => Directory.GetFiles(_logs.ServiceFolder).Sum(f => new FileInfo(f).Length);

    [Fact]
    public async Task A_new_collector_goes_on_where_the_former_one_ended()
    {
        for (var round = 0; round < 4; round++)
        {
            using (await _logs.CollectAsync(new LogLimits(200, 100)))
            {
                for (var i = 0; i < 10; i++)
                    _logs.Say($"round {round} line {i}\n");
            }

            // What arrives while nobody collects waits in the pipe.
            _logs.Say($"between {round}\n");
        }

        using (await _logs.CollectAsync())
        {
        }

        var expected = Enumerable.Range(0, 4).SelectMany(r => Enumerable.Range(0, 10).Select(i => $"round {r} line {i}").Append($"between {r}"));
        Assert.Equal(expected, _logs.ReadAll(out var gap));
        Assert.False(gap);
    }

    [Fact]
    public async Task An_unfinished_line_of_a_dead_generation_is_ended()
    {
        using var collector = await _logs.CollectAsync();
        _logs.Say("whole\nhalf");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(["whole"], _logs.Last().Lines.Select(l => l.Text));

        await collector.BeginGenerationAsync(TemporaryLogs.Service, 2);
        _logs.Say("new\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(["whole", "half", "new"], _logs.Last().Lines.Select(l => l.Text));
    }

    [Fact]
    public async Task A_line_without_end_is_cut_and_the_log_stays_bounded()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(1000, 3));
        var piece = new string('y', 10_000);
        for (var i = 0; i < 100; i++)
        {
            _logs.Say(piece);
            await collector.FlushAsync(TemporaryLogs.Service);
        }

        Assert.True(collector.Counters(TemporaryLogs.Service)!.Value.Cuts > 0);
        var size = Directory.GetFiles(_logs.ServiceFolder).Sum(f => new FileInfo(f).Length);
        Assert.InRange(size, 500, 3 * 1000);
        Assert.All(_logs.ReadAll(out _), l => Assert.StartsWith("yyyy", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_somebody_empties_or_deletes_is_noticed()
    {
        _logs.Options = _logs.Options with { FileCheckInterval = TimeSpan.Zero };
        using var collector = await _logs.CollectAsync();
        _logs.Say("one\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        await File.WriteAllTextAsync(_logs.CurrentFile, "");
        _logs.Say("two\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal("two\n", await File.ReadAllTextAsync(_logs.CurrentFile));

        File.Delete(_logs.CurrentFile);
        _logs.Say("three\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal("three\n", await File.ReadAllTextAsync(_logs.CurrentFile));
        Assert.Equal("three", _logs.Last().Lines[^1].Text);
    }

    [Fact]
    public async Task A_disk_that_fails_never_blocks_the_service_and_what_is_lost_is_counted_and_said()
    {
        _logs.Options = _logs.Options with { RetryInterval = TimeSpan.FromMilliseconds(20), DiscardAfter = TimeSpan.FromMilliseconds(50) };
        using var collector = await _logs.CollectAsync(new LogLimits(200, 100));
        var losses = new System.Collections.Concurrent.ConcurrentQueue<LogLoss>();
        collector.Lost = losses.Enqueue;
        _logs.Say(new string('a', 120) + "\n");
        await collector.FlushAsync(TemporaryLogs.Service);

        // A folder in the way of the next rotation makes every write fail, for root too.
        var blocker = Path.Combine(_logs.ServiceFolder, "stdout.2.log");
        Directory.CreateDirectory(Path.Combine(blocker, "x"));
        var line = new string('b', 99) + "\n";
        await Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++)
                _logs.Say(line);
        }).WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service);
        var counters = collector.Counters(TemporaryLogs.Service)!.Value;
        Assert.True(counters.Lost > 0 && counters.Failures > 0, counters.ToString());

        Directory.Delete(blocker, recursive: true);
        using var deadline = new CancellationTokenSource(Deadline);
        while (collector.Counters(TemporaryLogs.Service)!.Value.LastError is not null)
        {
            _logs.Say("again\n");
            await Task.Delay(10, deadline.Token);
        }

        _logs.Say("last\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(collector.Counters(TemporaryLogs.Service)!.Value.Lost, losses.Sum(l => l.Bytes));
        Assert.InRange(losses.Count, 1, 2);
        Assert.All(losses, l => Assert.Equal((TemporaryLogs.Service, 1), (l.Service, l.Generation)));
        var all = _logs.ReadAll(out _);
        Assert.Equal("last", all[^1]);
        Assert.Contains(all.Concat(_logs.Last().Lines.Select(l => l.Text)), l => l.Contains("bytes of output were lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_that_cannot_be_opened_after_a_rotation_are_opened_later()
    {
        _logs.Options = _logs.Options with { RetryInterval = TimeSpan.FromMilliseconds(20), DiscardAfter = TimeSpan.FromHours(1) };
        using var collector = await _logs.CollectAsync(new LogLimits(16, 20));
        _logs.Say("0123456789\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var blocker = Path.Combine(_logs.ServiceFolder, "stdout.3.idx");
        Directory.CreateDirectory(blocker);
        _logs.Say("9876543210\n");
        _logs.Say("and so on\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.NotNull(collector.Counters(TemporaryLogs.Service)!.Value.LastError);

        Directory.Delete(blocker);
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Null(collector.Counters(TemporaryLogs.Service)!.Value.LastError);
        Assert.Equal(["0123456789", "9876543210", "and so on"], _logs.ReadAll(out _));
    }

    [Fact]
    public async Task A_log_folder_that_is_deleted_is_made_again()
    {
        _logs.Options = _logs.Options with { FileCheckInterval = TimeSpan.Zero };
        using var collector = await _logs.CollectAsync();
        _logs.Say("one\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var cursor = _logs.Last().Cursor;
        Directory.Delete(_logs.ServiceFolder, recursive: true);
        _logs.Say("two\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(["two"], _logs.ReadAll(out var gap, cursor));
        Assert.True(gap);
    }

    [Fact]
    public async Task An_index_with_a_torn_end_is_used_up_to_there()
    {
        using (await _logs.CollectAsync())
            _logs.Say("one\n");
        var index = Path.Combine(_logs.ServiceFolder, "stdout.1.idx");
        await using (var file = new FileStream(index, FileMode.Append))
            await file.WriteAsync(new byte[45]);
        using (await _logs.CollectAsync())
            _logs.Say("two\n");
        Assert.Equal(["one", "two"], _logs.Last().Lines.Select(l => l.Text));
        Assert.Equal(0, new FileInfo(index).Length % LogIndexEntry.Size);
    }

    [Fact]
    public async Task Removing_a_service_takes_what_is_in_its_pipes_and_lets_go_of_them()
    {
        using var collector = await _logs.CollectAsync();
        _logs.Say("one\n");
        await collector.RemoveAsync(TemporaryLogs.Service);
        Assert.Null(collector.Counters(TemporaryLogs.Service));
        _logs.Say("two\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(["one"], _logs.Last().Lines.Select(l => l.Text));
        await collector.AddAsync(TemporaryLogs.Service, 2, _logs.OutputRead, _logs.ErrorRead, LogLimits.Default);
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal(["one", "two"], _logs.Last().Lines.Select(l => l.Text));
    }

    [Fact]
    public async Task A_hundred_services_share_the_thread()
    {
        using var collector = new LogCollector(_logs.Options);
        var pipes = new List<(Descriptor Read, Descriptor Write)>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                var (outRead, outWrite) = Pipe.Create();
                var (errRead, errWrite) = Pipe.Create();
                pipes.Add((outRead, outWrite));
                pipes.Add((errRead, errWrite));
                await collector.AddAsync($"s{i}", 1, outRead, errRead, LogLimits.Default);
            }

            for (var i = 0; i < 100; i++)
            {
                for (var n = 0; n < 50; n++)
                    pipes[i * 2].Write.WriteAll("hello\n"u8);
            }

            for (var i = 0; i < 100; i++)
            {
                await collector.FlushAsync($"s{i}");
                Assert.Equal(50, new LogReader(_logs.Options).Read(new LogQuery { Service = $"s{i}", Lines = 100 }).Lines.Count);
            }
        }
        finally
        {
            foreach (var (read, write) in pipes)
            {
                read.Dispose();
                write.Dispose();
            }
        }
    }
}
