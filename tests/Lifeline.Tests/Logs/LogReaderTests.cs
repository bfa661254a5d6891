using Lifeline.Contracts;
using Lifeline.Logs;
using Xunit;

namespace Lifeline.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly TemporaryLogs _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void A_service_without_a_log_has_no_lines()
    {
        var chunk = _logs.Last();
        Assert.Empty(chunk.Lines);
        Assert.Empty(_logs.ReadAll(out var gap, chunk.Cursor));
        Assert.False(gap);
    }

    [Fact]
    public async Task The_last_lines_are_found_over_rotated_files()
    {
        using var collector = await _logs.CollectAsync(new LogLimits(100, 100));
        for (var i = 0; i < 200; i++)
            _logs.Say($"line {i}\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        for (var n = 0; n < 60; n++)
            Assert.Equal(Enumerable.Range(200 - n, n).Select(i => $"line {i}"), _logs.Last(n).Lines.Select(l => l.Text));
        Assert.Equal(200, _logs.Last().Lines.Count);
    }

    [Fact]
    public async Task Following_by_cursor_gives_every_line_once_over_rotations_and_restarts()
    {
        var cursor = "1:1.0:1.0";
        var seen = new List<string>();
        for (var round = 0; round < 5; round++)
        {
            using var collector = await _logs.CollectAsync(new LogLimits(150, 1000));
            for (var i = 0; i < 40; i++)
            {
                _logs.Say($"out {round}.{i}\n");
                _logs.Complain($"err {round}.{i}\n");
                await collector.FlushAsync(TemporaryLogs.Service);
                var chunk = _logs.Reader.Read(new LogQuery { Service = TemporaryLogs.Service, Cursor = cursor, Lines = 3 });
                Assert.False(chunk.Gap);
                Assert.InRange(chunk.Cursor.Length, 1, 100);
                seen.AddRange(chunk.Lines.Select(l => l.Text));
                cursor = chunk.Cursor;
            }
        }

        seen.AddRange(_logs.ReadAll(out _, cursor));
        var expected = Enumerable.Range(0, 5).SelectMany(r => Enumerable.Range(0, 40).Select(i => $"{r}.{i}")).ToList();
        Assert.Equal(expected.Select(e => "out " + e), seen.Where(l => l.StartsWith("out", StringComparison.Ordinal)));
        Assert.Equal(expected.Select(e => "err " + e), seen.Where(l => l.StartsWith("err", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Following_waits_for_the_next_line()
    {
        using var collector = await _logs.CollectAsync();
        var reader = new LogReader(_logs.Options, collector);
        _logs.Say("one\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var first = await reader.ReadAsync(new LogQuery { Service = TemporaryLogs.Service, Wait = Deadline }, CancellationToken.None);
        Assert.Equal("one", Assert.Single(first.Lines).Text);

        var waiting = reader.ReadAsync(new LogQuery { Service = TemporaryLogs.Service, Cursor = first.Cursor, Wait = Deadline }, CancellationToken.None);
        _logs.Say("tw");
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.False(waiting.IsCompleted);
        _logs.Say("o\n");
        Assert.Equal("two", Assert.Single((await waiting.WaitAsync(Deadline)).Lines).Text);
    }

    [Fact]
    public async Task Waiting_ends_with_nothing_when_the_time_is_over_and_with_an_exception_when_it_is_cancelled()
    {
        using var collector = await _logs.CollectAsync();
        var reader = new LogReader(_logs.Options, collector);
        var query = new LogQuery { Service = TemporaryLogs.Service, Wait = TimeSpan.FromMilliseconds(20) };
        Assert.Empty((await reader.ReadAsync(query, CancellationToken.None).WaitAsync(Deadline)).Lines);

        using var cancel = new CancellationTokenSource();
        var waiting = reader.ReadAsync(query with { Wait = Deadline }, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task A_line_up_to_the_bound_is_whole_and_a_longer_one_comes_in_pieces_that_say_so()
    {
        using var collector = await _logs.CollectAsync();
        var most = LogStreamReader.MaxLineBytes;
        var longest = new string('a', most - 1);
        var longer = string.Concat(Enumerable.Repeat("äöü€", most / 3));
        await Task.Run(() => _logs.Say(longest + "\nshort\n" + longer + "\r\nlast\n")).WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service);
        var lines = _logs.Last().Lines;
        Assert.Equal([longest, "short"], lines.Take(2).Select(l => l.Text));
        Assert.All(lines.Take(2), l => Assert.False(l.Continues));
        var pieces = lines.Skip(2).SkipLast(1).ToList();
        Assert.True(pieces.Count > 1);
        Assert.Equal(longer, string.Concat(pieces.Select(l => l.Text)));
        Assert.All(pieces.SkipLast(1), l => Assert.True(l.Continues));
        Assert.False(pieces[^1].Continues);
        Assert.Equal("last", lines[^1].Text);
        Assert.Equal("last", Assert.Single(_logs.Last(1).Lines).Text);
    }

    [Fact]
    public async Task A_long_line_of_bytes_that_are_no_text_still_fits_into_an_answer()
    {
        using var collector = await _logs.CollectAsync();
        var bytes = new byte[LogStreamReader.MaxLineBytes];
        bytes.AsSpan().Fill(0xff);
        bytes[^1] = (byte)'\n';
        await Task.Run(() => _logs.OutputWrite.WriteAll(bytes)).WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service);
        var lines = _logs.Last().Lines;
        Assert.All(lines, l => Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(l.Text), 1, LogStreamReader.MaxLineBytes));
        Assert.Equal(bytes.Length - 1, lines.Sum(l => l.Text.Length));
        Assert.False(lines[^1].Continues);
    }

    [Fact]
    public async Task Only_lines_since_a_time_are_given()
    {
        var time = new SettableTime(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using var collector = new LogCollector(_logs.Options, time);
        await collector.AddAsync(TemporaryLogs.Service, 1, _logs.OutputRead, _logs.ErrorRead, new LogLimits(60, 100));
        for (var i = 0; i < 20; i++)
        {
            _logs.Say($"line {i}\n");
            if (i % 3 == 0)
                _logs.Complain($"err {i}\n");
            await collector.FlushAsync(TemporaryLogs.Service);
            time.Now = time.Now.AddMinutes(1);
        }

        var since = new DateTimeOffset(2026, 1, 1, 0, 12, 0, TimeSpan.Zero);
        var chunk = _logs.Reader.Read(new LogQuery { Service = TemporaryLogs.Service, Since = since, Lines = 100 });
        string[] expected = [.. Enumerable.Range(12, 8).SelectMany(i => i % 3 == 0 ? new[] { $"line {i}", $"err {i}" } : [$"line {i}"])];
        Assert.Equal(expected, chunk.Lines.Select(l => l.Text));
        Assert.Equal(since, chunk.Lines[0].At);
        Assert.Equal(expected.TakeLast(4), _logs.Reader.Read(new LogQuery { Service = TemporaryLogs.Service, Since = since, Lines = 4 }).Lines.Select(l => l.Text));
        Assert.Empty(_logs.Reader.Read(new LogQuery { Service = TemporaryLogs.Service, Since = since.AddDays(1) }).Lines);
    }

    [Fact]
    public async Task An_answer_stays_within_its_bytes_and_the_rest_follows()
    {
        using var collector = await _logs.CollectAsync();
        for (var i = 0; i < 100; i++)
            _logs.Say($"{i:000} {new string('x', 96)}\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var query = new LogQuery { Service = TemporaryLogs.Service, Cursor = "1:1.0:1.0", Lines = 1000, MaxBytes = 1000 };
        var seen = 0;
        while (true)
        {
            var chunk = _logs.Reader.Read(query);
            if (chunk.Lines.Count == 0)
                break;
            Assert.InRange(chunk.Lines.Count, 1, 8);
            seen += chunk.Lines.Count;
            query = query with { Cursor = chunk.Cursor };
        }

        Assert.Equal(100, seen);
        var tail = _logs.Reader.Read(query with { Cursor = null });
        Assert.StartsWith("099", tail.Lines[^1].Text, StringComparison.Ordinal);
        Assert.InRange(tail.Lines.Count, 1, 8);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2:1.0:1.0")]
    [InlineData("1:1.0")]
    [InlineData("1:-1.0:1.0")]
    [InlineData("1:1.0:99999999999999999999.0")]
    public void A_cursor_that_is_none_is_refused(string cursor)
    {
        var error = Assert.Throws<FormatException>(() => _logs.Reader.Read(new LogQuery { Service = TemporaryLogs.Service, Cursor = cursor }));
        Assert.Contains("no cursor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_are_replaced()
    {
        using var collector = await _logs.CollectAsync();
        _logs.OutputWrite.WriteAll([0xff, 0xfe, (byte)'a', (byte)'\n']);
        await collector.FlushAsync(TemporaryLogs.Service);
        Assert.Equal("\ufffd\ufffda", Assert.Single(_logs.Last().Lines).Text);
    }

    private sealed class SettableTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
