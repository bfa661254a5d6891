using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>Boards: no read is torn, and wherever a writer dies, readers find its last whole value.</summary>
internal static class BoardScenarios
{
    private const int MemoryDescriptor = 10;
    private const int SlotSize = 4096;
    private const int Readers = 2;

    // In the order of the stores.
    private static readonly string[] s_stores = ["none", "length", "value", "number", "published"];

    /// <summary>Every store that is died of here.</summary>
    internal static IEnumerable<string> Stores => s_stores;

    /// <summary>Reads beside a writer that never pauses.</summary>
    internal static async Task<string> ReadAsync(Settings settings)
    {
        using var writer = SharedBoardWriter.Create("board", 1, 64);
        using SharedBlock block = writer.Share();
        writer.Write(0, Eight.Of(0));
        using var stop = new CancellationTokenSource();
        Task<(long Writes, double Seconds)> writing = OnThread(() => Write(writer, stop.Token));
        long started = Stopwatch.GetTimestamp();
        Task<Tally>[] reading = [.. Enumerable.Range(0, Readers).Select(_ => OnThread(() => Read(block, settings.Count / Readers)))];
        Tally[] tallies = await Task.WhenAll(reading);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await stop.CancelAsync();
        (long writes, double writeSeconds) = await writing;
        long reads = tallies.Sum(t => t.Values);
        CampaignException.Unless(tallies.All(t => t.Torn == 0 && t.Backwards == 0), $"{tallies.Sum(t => t.Torn)} torn reads, {tallies.Sum(t => t.Backwards)} went backwards, of {reads}");
        return string.Create(CultureInfo.InvariantCulture, $"""
              {reads} values of 64 bytes read by {Readers} threads beside {writes} writes in {seconds:0.0} s: none torn, none went backwards, {tallies.Sum(t => t.Busy)} were busy
              a read took {tallies.Average(t => t.Seconds) * 1e9 / (reads / Readers):0.0} ns and a write {writeSeconds * 1e9 / writes:0.0} ns of wall time, {Readers + 1} threads on {Environment.ProcessorCount} processors
              {Alone(settings.Quick ? 200_000 : 5_000_000)}
            """);
    }

    /// <summary>A writer that dies of each store in turn.</summary>
    internal static async Task<string> DieAsync(Settings settings)
    {
        int size = SharedBoard.SizeOf(2, SlotSize);
        using SharedBlock board = NewBoard(size);
        using var reader = new SharedBoardReader(board);
        using Descriptor descriptor = board.DuplicateDescriptor();
        byte[] buffer = new byte[SlotSize];
        int[] times = settings.Quick ? [1, 2] : [1, 2, 3, 10, 1001];
        int deaths = 0;
        long last = 0;
        foreach (int time in times)
        {
            foreach (string store in s_stores)
            {
                using Neighbour writer = Neighbour.Hostile([(descriptor, MemoryDescriptor)], ["die-board", Text(MemoryDescriptor), Text(size), store, Text(time)]);
                ExitStatus end = await writer.EndAsync();
                CampaignException.Unless(end.Signal == Signals.Kill, $"a writer that was to die at \"{store}\" ended with {end}");
                long expected = last + time - (store == "published" ? 0 : 1);
                SharedBoardResult result = reader.Read(0, buffer, out int length, out long generation);
                CampaignException.Unless(
                    result == (expected == 0 ? SharedBoardResult.Empty : SharedBoardResult.Value) && generation == expected,
                    $"after a death at \"{store}\" ({time}) the board has value {generation} ({result}), not {expected}");
                CampaignException.Unless(
                    expected == 0 || (length == SlotSize && !buffer.AsSpan().ContainsAnyExcept((byte)generation)),
                    $"value {generation} is torn after a death at \"{store}\" ({time})");
                CampaignException.Unless(reader.TryRead<long>(0, out _, out _) == false, "a value of another length was read");
                last = expected;
                deaths++;
            }
        }

        return $"  {deaths} deaths at {s_stores.Length} stores: each left the last whole value, and the next writer went on from it";
    }

    private static SharedBlock NewBoard(int size)
    {
        using var empty = SharedBoardWriter.Create("empty", 2, SlotSize);
        using SharedBlock share = empty.Share();
        using SharedMap from = share.Map(SharedBlockAccess.Read);
        // A copy that is not sealed against writing: others write it.
        SharedBlock board = SharedBlock.Create("board", size);
        using SharedMap to = board.Map();
        to.WriteFrom(from.Bytes);
        return board;
    }

    private static (long Writes, double Seconds) Write(SharedBoardWriter writer, CancellationToken stop)
    {
        long started = Stopwatch.GetTimestamp();
        long i = 0;
        while (!stop.IsCancellationRequested)
            writer.Write(0, Eight.Of(++i));
        return (i, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static Tally Read(SharedBlock block, long count)
    {
        using var reader = new SharedBoardReader(block);
        long torn = 0, backwards = 0, busy = 0, last = 0;
        long started = Stopwatch.GetTimestamp();
        for (long values = 0; values < count;)
        {
            if (!reader.TryRead<Eight>(0, out Eight value, out long generation))
            {
                busy++;
                continue;
            }

            values++;
            if (!value.IsWhole || value[0] != generation - 1)
                torn++;
            if (generation < last)
                backwards++;
            last = generation;
        }

        return new Tally(count, torn, backwards, busy, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>What a read and a write cost when nobody else is there.</summary>
    private static string Alone(int count)
    {
        const int rounds = 5;
        using var writer = SharedBoardWriter.Create("board", 1, 64);
        using SharedBlock block = writer.Share();
        using var reader = new SharedBoardReader(block);
        var reads = new List<double>();
        var writes = new List<double>();
        for (int round = 0; round < rounds; round++)
        {
            long started = Stopwatch.GetTimestamp();
            for (int i = 0; i < count; i++)
                writer.Write(0, Eight.Of(i));
            writes.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / count);
            started = Stopwatch.GetTimestamp();
            long sum = 0;
            for (int i = 0; i < count; i++)
            {
                reader.TryRead<Eight>(0, out Eight value, out _);
                sum += value[7];
            }

            reads.Add(Stopwatch.GetElapsedTime(started).TotalNanoseconds / count);
            CampaignException.Unless(sum == (long)count * (count - 1), "wrong values were read");
        }

        return string.Create(CultureInfo.InvariantCulture, $"alone: a read {reads.Order().ElementAt(rounds / 2):0.0} ns, a write {writes.Order().ElementAt(rounds / 2):0.0} ns (medians of {rounds} x {count})");
    }

    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private sealed record Tally(long Values, long Torn, long Backwards, long Busy, double Seconds);

    /// <summary>Eight equal numbers: unequal ones are a torn read.</summary>
    [InlineArray(8)]
    private struct Eight
    {
        private long _first;

        public static Eight Of(long value)
        {
            var eight = default(Eight);
            ((Span<long>)eight).Fill(value);
            return eight;
        }

        public readonly bool IsWhole
        {
            get
            {
                ReadOnlySpan<long> all = this;
                return !all.ContainsAnyExcept(all[0]);
            }
        }
    }
}
