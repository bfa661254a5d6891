using System.Globalization;
using Lifeline.Ipc.Campaign.Scenes;
using Lifeline.Linux;

namespace Lifeline.Ipc.Campaign.Scenarios;

/// <summary>An end of a stream that dies of each store in turn: the other gets what was published, whole, and then is told.</summary>
internal static class StreamStores
{
    private const int MemoryDescriptor = 10;
    private const int SocketDescriptor = 11;
    private const int Capacity = 8192;
    private const int Modulus = 251;

    private static readonly string[] s_stores = ["bytes", "index", "wake", "waiting", "ended"];

    /// <summary>Every store that is died of here.</summary>
    internal static IEnumerable<string> Stores => s_stores;

    internal static async Task<string> RunAsync(Settings settings)
    {
        int[] times = settings.Quick ? [1] : [1, 2, 7, 100];
        int deaths = 0;
        foreach (int time in times)
        {
            foreach (string store in s_stores)
            {
                // Of these there is only one.
                if (time > 1 && store is "ended")
                    continue;
                await ReadFromAsync(store, time);
                await WriteToAsync(store, time);
                deaths += 2;
            }
        }

        return $"  {deaths} deaths at {s_stores.Length} stores of a writer and of a reader: what was published came whole, then the other side was told";
    }

    private static async Task ReadFromAsync(string store, int times)
    {
        (SharedStream writer, SharedStream reader) = SharedStream.CreatePair("campaign", Capacity);
        using (reader)
        {
            using Neighbour dying = Start("writer", writer, store, times);
            // A writer that waits for room must find none.
            bool waits = store == "waiting" && times == 1;
            if (waits)
                await DieAsync(dying, store, times);
            (long bytes, bool orderly) = await OnThread(() => Drain(reader));
            if (!waits)
                await DieAsync(dying, store, times);
            bool lived = orderly && store is "wake" or "waiting" && times > 1;
            CampaignException.Unless(lived || orderly == (store == "ended"), $"a writer that died at \"{store}\" ({times}) {(orderly ? "looked as if it had ended" : "had ended, and was called dead")} after {bytes} bytes");
        }
    }

    private static async Task WriteToAsync(string store, int times)
    {
        (SharedStream writer, SharedStream reader) = SharedStream.CreatePair("campaign", Capacity);
        using (writer)
        {
            using Neighbour dying = Start("reader", reader, store, times);
            // A reader that waits for bytes must find none.
            if (store == "waiting" && times == 1)
                await DieAsync(dying, store, times);
            SharedStreamException? told = await OnThread(() => Fill(writer));
            if (!(store == "waiting" && times == 1))
                await DieAsync(dying, store, times);
            bool lived = told is null && store is "wake" or "waiting" && times > 1;
            CampaignException.Unless(lived || told is { Fault: SharedStreamFault.PeerDied or SharedStreamFault.ReaderClosed }, $"a writer whose reader died at \"{store}\" ({times}) got {told?.Message ?? "nothing"}");
        }
    }

    private static Neighbour Start(string role, SharedStream end, string store, int times)
    {
        using var parcel = new Parcel();
        parcel.WriteParcelable(end);
        parcel.RewindRead(sizeof(int));
        int capacity = parcel.ReadInt32();
        using Descriptor memory = parcel.ReadDescriptor();
        using Descriptor socket = parcel.ReadDescriptor();
        return Neighbour.Hostile(
            [(memory, MemoryDescriptor), (socket, SocketDescriptor)],
            ["die-stream", role, Text(MemoryDescriptor), Text(SocketDescriptor), Text(capacity), store, Text(times)]);
    }

    private static (long Bytes, bool Orderly) Drain(SharedStream reader)
    {
        byte[] buffer = new byte[3000];
        long total = 0;
        try
        {
            while (reader.Read(buffer) is var count and > 0)
            {
                for (int i = 0; i < count; i++)
                    CampaignException.Unless(buffer[i] == (total + i) % Modulus, $"byte {total + i} of the stream is {buffer[i]}");
                total += count;
            }

            return (total, true);
        }
        catch (SharedStreamException e) when (e.Fault == SharedStreamFault.PeerDied)
        {
            return (total, false);
        }
    }

    private static SharedStreamException? Fill(SharedStream writer)
    {
        try
        {
            byte[] bytes = new byte[1000];
            for (int i = 0; i < 1_000_000; i++)
                writer.Write(bytes);
            return null;
        }
        catch (SharedStreamException e)
        {
            return e;
        }
    }

    private static async Task DieAsync(Neighbour dying, string store, int times)
    {
        ExitStatus end = await dying.EndAsync();
        // How often one side has to wait and the other to wake it is up to the machine: the first time comes always.
        bool mayLive = store is "wake" or "waiting" && times > 1 && end.ExitCode == 0;
        CampaignException.Unless(mayLive || end.Signal == Signals.Kill, $"an end that was to die at \"{store}\" ended with {end}");
    }

    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
