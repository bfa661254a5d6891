using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using Lifeline.Ipc.Campaign.Scenes;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>What it costs to pass a block to another process, and how fast its bytes are there.</summary>
internal static class BlockPassing
{
    internal const int Large = 64 << 20;
    internal const int Small = 64;

    private const uint Take = 1;
    private const uint Sum = 2;
    private const int Rounds = 5;
    private const int Passes = 21;

    /// <summary>The other process: takes blocks.</summary>
    internal static async Task<int> ServeAsync(string path)
    {
        await using var endpoint = new IpcEndpoint();
        endpoint.Listen(path, new DelegateStub("lifeline.campaign.IReader", (code, data, reply, _) =>
        {
            using SharedBlock block = data.ReadParcelable<SharedBlock>();
            using SharedMap map = block.Map(SharedBlockAccess.Read);
            if (code == Take)
                reply.WriteInt32(map.Bytes[0]);
            else
                Measure(map, reply);
            return ValueTask.CompletedTask;
        }));
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    internal static async Task<string> RunAsync(Settings settings)
    {
        string path = $"@lifeline-campaign-blocks-{Environment.ProcessId}";
        using Neighbour other = Neighbour.Start(Environment.ProcessPath!, [], ["block-reader", path]);
        await using var endpoint = new IpcEndpoint();
        IpcProxy reader = await ConnectAsync(endpoint, path);
        using SharedBlock large = Filled(Large);
        using SharedBlock small = Filled(Small);
        int rounds = settings.Quick ? 200 : 2000;
        double[] smallTimes = new double[rounds];
        double[] largeTimes = new double[rounds];
        for (int i = -rounds / 4; i < rounds; i++)
        {
            double first = Pass(reader, small);
            double second = Pass(reader, large);
            if (i >= 0)
                (smallTimes[i], largeTimes[i]) = (first, second);
        }

        Array.Sort(smallTimes);
        Array.Sort(largeTimes);
        double ratio = largeTimes[rounds / 2] / smallTimes[rounds / 2];
        List<(double First, double Second, double Own, double Ratio)> speeds = [.. Enumerable.Range(0, Rounds).Select(_ => Speeds(reader, large))];
        double own = Median(speeds.Select(s => s.Own));
        double seen = Median(speeds.Select(s => s.Second));
        return string.Create(CultureInfo.InvariantCulture, $"""
              a call with a block of 64 bytes: p50 {smallTimes[rounds / 2]:0.0} us, p99 {smallTimes[rounds * 99 / 100]:0.0} us; of 64 MiB: p50 {largeTimes[rounds / 2]:0.0} us, p99 {largeTimes[rounds * 99 / 100]:0.0} us; ratio {ratio:0.00} ({rounds} each, in turn)
              64 MiB summed in the other process: first pass {Median(speeds.Select(s => s.First)):0.0} GiB/s, second {seen:0.0} GiB/s; its own memory {own:0.0} GiB/s; the one by the other {Median(speeds.Select(s => s.Ratio)):P0} (medians of {Rounds} rounds of {Passes} passes in turn)
            """);
    }

    private static async Task<IpcProxy> ConnectAsync(IpcEndpoint endpoint, string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return (await endpoint.ConnectAsync(path)).Root;
            }
            catch (IpcException e) when (e.Error == IpcError.NotFound && attempt < 1000)
            {
                // It is about to listen.
                await Task.Delay(10);
            }
        }
    }

    private static SharedBlock Filled(int size)
    {
        SharedBlock block = SharedBlock.Create("campaign", size);
        using SharedMap map = block.Map();
        map.WritableBytes.Fill(1);
        return block;
    }

    private static double Pass(IpcProxy reader, SharedBlock block)
    {
        long started = Stopwatch.GetTimestamp();
        using var data = new Parcel();
        data.WriteParcelable(block);
        using Parcel reply = reader.Call(Take, data);
        CampaignException.Unless(reply.ReadInt32() == 1, "another block came");
        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    private static (double First, double Second, double Own, double Ratio) Speeds(IpcProxy reader, SharedBlock block)
    {
        using var data = new Parcel();
        data.WriteParcelable(block);
        using Parcel reply = reader.Call(Sum, data, TimeSpan.FromSeconds(60));
        return (reply.ReadDouble(), reply.ReadDouble(), reply.ReadDouble(), reply.ReadDouble());
    }

    private static void Measure(SharedMap map, Parcel reply)
    {
        byte[] own = new byte[map.Size];
        own.AsSpan().Fill(1);
        double first = SpeedOf(map.Bytes);
        // In turn and compared in pairs, so that both get the same share of a busy machine.
        double[] seen = new double[Passes];
        double[] mine = new double[Passes];
        for (int i = 0; i < Passes; i++)
        {
            seen[i] = SpeedOf(map.Bytes);
            mine[i] = SpeedOf(own);
        }

        reply.WriteDouble(first);
        reply.WriteDouble(Median(seen));
        reply.WriteDouble(Median(mine));
        reply.WriteDouble(Median(seen.Zip(mine, (s, m) => s / m)));
    }

    private static double SpeedOf(ReadOnlySpan<byte> bytes)
    {
        long started = Stopwatch.GetTimestamp();
        var sum = Vector<ulong>.Zero;
        ReadOnlySpan<ulong> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ulong>(bytes);
        for (int i = 0; i <= words.Length - (4 * Vector<ulong>.Count); i += 4 * Vector<ulong>.Count)
        {
            sum += new Vector<ulong>(words[i..]) + new Vector<ulong>(words[(i + Vector<ulong>.Count)..]);
            sum += new Vector<ulong>(words[(i + (2 * Vector<ulong>.Count))..]) + new Vector<ulong>(words[(i + (3 * Vector<ulong>.Count))..]);
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        CampaignException.Unless(Vector.Sum(sum) != 0, "the bytes are zeros");
        return bytes.Length / seconds / (1 << 30);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
