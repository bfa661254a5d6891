using System.Text;
using Lifeline.Contracts;
using Lifeline.Hangs;
using Lifeline.Linux;
using Lifeline.Logs;
using Lifeline.Monitor;
using Xunit;

namespace Lifeline.Tests.Logs;

/// <summary>Two generations of one service write at once, each into its own pipe; the log is one.</summary>
public sealed class LogOverlapTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string Second = SlotKeys.SecondOf(TemporaryLogs.Service);
    private readonly TemporaryLogs _logs = new();
    private readonly TemporaryLogs _other = new();

    public LogOverlapTests() => _logs.Options = _logs.Options with { LinePatience = TimeSpan.MaxValue };

    public void Dispose()
    {
        _logs.Dispose();
        _other.Dispose();
    }

    [Theory]
    [InlineData(1L << 30)]
    [InlineData(1L << 20)]
    public async Task Of_long_lines_written_at_once_none_is_lost_or_torn_and_each_has_its_generation(long fileSize)
    {
        const int Count = 10_000;
        using var collector = await CollectBothAsync(new LogLimits(fileSize, 1000));
        using var both = new Barrier(2);
        var writers = new[] { (Logs: _logs, Generation: 1), (Logs: _other, Generation: 2) }.Select(one => Task.Factory.StartNew(
            () =>
            {
                both.SignalAndWait();
                SayInPieces(one.Logs, string.Concat(Enumerable.Range(0, Count).Select(number => Line(one.Generation, number) + "\n")));
            },
            TaskCreationOptions.LongRunning));
        await Task.WhenAll(writers).WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);

        var lines = ReadAll();
        Assert.Equal(2 * Count, lines.Count);
        foreach (var generation in (int[])[1, 2])
            Assert.Equal(Enumerable.Range(0, Count).Select(number => Line(generation, number)), lines.Where(line => line.Generation == generation).Select(line => line.Text));
        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
    }

    [Fact]
    public async Task A_line_that_is_begun_is_ended_before_the_other_has_its_turn()
    {
        using var collector = await CollectBothAsync();
        _logs.Say("old: half");
        await collector.FlushAsync(TemporaryLogs.Service);
        _other.Say("new: one\nnew: tw");
        var flush = collector.FlushAsync(TemporaryLogs.Service);
        _logs.Say(" and whole\nold: next");
        _other.Say("o\n");
        _logs.Say("\n");
        await flush.WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);

        Assert.Equal(["new: one", "new: two", "old: half and whole", "old: next"], ReadAll().Select(line => line.Text).Order());
        Assert.All(ReadAll(), line => Assert.Equal(line.Text.StartsWith("old", StringComparison.Ordinal) ? 1 : 2, line.Generation));
    }

    [Fact]
    public async Task Who_falls_silent_within_a_line_holds_the_other_only_for_a_while()
    {
        _logs.Options = _logs.Options with { LinePatience = TimeSpan.Zero };
        using var collector = await CollectBothAsync();
        _logs.Say("old: half");
        await collector.FlushAsync(TemporaryLogs.Service);
        _other.Say("new\n");
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);
        _logs.Say(" and rest\n");
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);

        Assert.Equal([("old: half", 1), ("new", 2), (" and rest", 1)], ReadAll());
        Assert.Equal(1, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
    }

    [Fact]
    public async Task The_line_of_one_that_is_gone_is_ended_and_its_output_is_taken()
    {
        using var collector = await CollectBothAsync();
        _logs.Say("old: half");
        await collector.FlushAsync(TemporaryLogs.Service);
        _other.Say("new\n");
        await collector.RemoveAsync(TemporaryLogs.Service);
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);
        Assert.Equal([("old: half", 1), ("new", 2)], ReadAll());

        // The slot is used again: by now it is the other that stays behind.
        await collector.AddAsync(TemporaryLogs.Service, 3, _logs.OutputRead, _logs.ErrorRead, LogLimits.Default);
        _other.Say("new: half");
        await collector.FlushAsync(TemporaryLogs.Service);
        await collector.BeginGenerationAsync(Second, 4);
        _logs.Say("newest\n");
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);
        Assert.Equal([("old: half", 1), ("new", 2), ("new: half", 2), ("newest", 3)], ReadAll());
        Assert.Equal(0, collector.Counters(TemporaryLogs.Service)!.Value.Cuts);
    }

    [Fact]
    public async Task A_new_collector_knows_whose_line_is_begun()
    {
        using (var first = await CollectBothAsync())
        {
            _logs.Say("old: half");
            await first.FlushAsync(TemporaryLogs.Service);
        }

        using var collector = await CollectBothAsync();
        _other.Say("new\n");
        var flush = collector.FlushAsync(TemporaryLogs.Service);
        _logs.Say(" and whole\n");
        await flush.WaitAsync(Deadline);
        await collector.FlushAsync(TemporaryLogs.Service).WaitAsync(Deadline);
        Assert.Equal([("old: half and whole", 1), ("new", 2)], ReadAll());
    }

    [Fact]
    public async Task The_last_lines_of_one_generation_are_not_those_of_the_other()
    {
        using var collector = await CollectBothAsync();
        _other.Say("why it failed\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        _logs.Say("business as usual\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        var chunk = _logs.Reader.ReadLast(new LogQuery { Service = TemporaryLogs.Service }, 2);
        Assert.Equal(["why it failed"], chunk.Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task Lines_of_one_generation_are_found_however_many_the_other_wrote_since()
    {
        using var collector = await CollectBothAsync(new LogLimits(10_000, 1000));
        for (var number = 0; number < 50; number++)
        {
            _other.Say($"new {number}\n");
            await collector.FlushAsync(TemporaryLogs.Service);
            _logs.Say($"old {number}\n{string.Concat(Enumerable.Repeat($"old and more of it\n", 50))}");
            await collector.FlushAsync(TemporaryLogs.Service);
        }
        var query = new LogQuery { Service = TemporaryLogs.Service, Generation = 2, Lines = 1000 };
        var all = Enumerable.Range(0, 50).Select(number => $"new {number}").ToArray();
        Assert.Equal(all, _logs.Reader.Read(query).Lines.Select(line => line.Text));
        Assert.Equal(all[^3..], _logs.Reader.Read(query with { Lines = 3 }).Lines.Select(line => line.Text));
        var first = _logs.Reader.Read(query with { Lines = 20, Cursor = "1:1.0:1.0" });
        Assert.Equal(all[..20], first.Lines.Select(line => line.Text));
        Assert.Equal(all[20..], _logs.Reader.Read(query with { Cursor = first.Cursor }).Lines.Select(line => line.Text));
    }

    [Fact]
    public async Task What_is_found_of_a_silent_generation_is_not_the_output_of_the_other()
    {
        using var collector = await CollectBothAsync();
        _logs.Say("about to wait for a lock\n");
        await collector.FlushAsync(TemporaryLogs.Service);
        _other.Say(string.Concat(Enumerable.Range(0, 30).Select(number => $"busy {number}\n")));
        await collector.FlushAsync(TemporaryLogs.Service);
        var inspector = new HangInspector(_logs.Reader);
        Assert.Equal(["about to wait for a lock"], inspector.Look(TemporaryLogs.Service, 1, Environment.ProcessId, null).Output);
        Assert.Equal(Enumerable.Range(10, 20).Select(number => $"busy {number}"), inspector.Look(Second, 2, Environment.ProcessId, null).Output);
    }

    private async Task<LogCollector> CollectBothAsync(LogLimits? limits = null)
    {
        var collector = await _logs.CollectAsync(limits);
        await collector.AddAsync(Second, 2, _other.OutputRead, _other.ErrorRead, limits ?? LogLimits.Default);
        return collector;
    }

    private static string Line(int generation, int number) => $"<{generation} {number} {new string('x', 500 + (number * 7 % 1500))} {number} {generation}>";

    // Pieces of a size that is none of a line: nearly each ends within one.
    private static void SayInPieces(TemporaryLogs logs, string text)
    {
        const int Piece = 3000;
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length; at += Piece)
            logs.OutputWrite.WriteAll(bytes.AsSpan(at, Math.Min(Piece, bytes.Length - at)));
    }

    private List<(string Text, int Generation)> ReadAll()
    {
        var lines = new List<(string, int)>();
        using var reader = new LogStreamReader(new LogFiles(_logs.ServiceFolder, LogStream.StandardOutput), LogStream.StandardOutput, new LogPosition(1, 0));
        while (reader.Peek() is { } entry)
        {
            lines.Add((entry.Line.Text, entry.Generation));
            reader.Take();
        }

        return lines;
    }
}
