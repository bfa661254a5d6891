// Large data between two processes without copying it through a socket: a block, a stream and a board.
//
//   dotnet run --project samples/SharedMemory
//
// The program starts itself a second time as the reader, hands everything to it, and ends by itself.
using System.Diagnostics;
using Lifeline.Ipc;
using SharedMemory;

if (args is ["reader", string socket])
{
    await Reader.RunAsync(socket);
    return 0;
}

string path = $"@shared-memory-sample-{Environment.ProcessId}";
using Process child = StartMyself("reader", path);
try
{
    await child.StandardOutput.ReadLineAsync();
    await using var endpoint = new IpcEndpoint();
    IpcSession session = await endpoint.ConnectAsync(path);
    using IpcProxy reader = session.Root;
    await PassBlockAsync(reader);
    await StreamFileAsync(reader);
    await ShowBoardAsync(reader);
}
finally
{
    child.Kill();
}

Console.WriteLine("done");
return 0;

// 64 MiB, passed inside a parcel. The parcel has 28 bytes of it: the memory itself is mapped by both.
static async Task PassBlockAsync(IpcProxy reader)
{
    using SharedBlock block = SharedBlock.Create("numbers", 64 << 20);
    using SharedMap map = block.Map();
    Span<long> numbers = map.AsSpan<long>();
    long expected = 0;
    for (int i = 0; i < numbers.Length; i++)
        expected += numbers[i] = i;
    // From now on nobody can change it, but through the map that is there already.
    block.SetProtection(SharedBlockAccess.Read);

    // The very first call is slow: much is compiled in it.
    await reader.PingAsync();
    using Parcel data = Request();
    data.WriteParcelable(block);
    long started = Stopwatch.GetTimestamp();
    using Parcel reply = await reader.CallAsync(Reader.TakeBlock, data);
    double call = Stopwatch.GetElapsedTime(started).TotalSeconds;
    Check(reply.ReadInt64() == expected, "the sums differ");
    double first = reply.ReadDouble();
    Check(reply.ReadInt64() == expected, "the sums differ");
    double second = reply.ReadDouble();
    Say($"a block:  {block.Size >> 20} MiB to process {reader.Peer.Pid}, which summed it at {Speed(block.Size, first)}, and once more at {Speed(block.Size, second)}; the call took {(call - first - second) * 1000:0.00} ms besides");
}

// A file, read here and streamed to the other process through a ring of 1 MiB. A full ring makes the writer wait.
static async Task StreamFileAsync(IpcProxy reader)
{
    string file = Path.Combine(Path.GetTempPath(), $"shared-memory-sample-{Environment.ProcessId}");
    try
    {
        await File.WriteAllBytesAsync(file, new byte[96 << 20]);
        (SharedStream writer, SharedStream end) = SharedStream.CreatePair("file", capacity: 1 << 20);
        using Parcel data = Request();
        // The reader's end is in the parcel now, and gone from here.
        data.WriteParcelable(end);
        long started = Stopwatch.GetTimestamp();
        Task<Parcel> counting = reader.CallAsync(Reader.TakeStream, data).AsTask();
        await using (FileStream source = File.OpenRead(file))
        await using (writer)
            await source.CopyToAsync(writer, 256 * 1024);
        using Parcel reply = await counting;
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long bytes = reply.ReadInt64();
        Check(bytes == new FileInfo(file).Length, "bytes are missing");
        Say($"a stream: a file of {bytes >> 20} MiB through a ring of 1 MiB in {seconds * 1000:0} ms ({Speed(bytes, seconds)})");
    }
    finally
    {
        File.Delete(file);
    }
}

// A board that is written all the time, and read by the other process whenever it likes.
static async Task ShowBoardAsync(IpcProxy reader)
{
    using SharedBoardWriter board = SharedBoardWriter.Create("prices", slots: 1, slotSize: 64);
    board.Write(0, new Price(100, 101));
    using SharedBlock share = board.Share();
    using Parcel data = Request();
    data.WriteParcelable(share);
    Task<Parcel> reading = reader.CallAsync(Reader.TakeBoard, data).AsTask();
    long started = Stopwatch.GetTimestamp();
    long writes = 0;
    while (!reading.IsCompleted)
        board.Write(0, new Price(++writes, writes + 1));
    double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    using Parcel reply = await reading;
    int reads = reply.ReadInt32();
    double readSeconds = reply.ReadDouble();
    Say($"a board:  {reads} reads of {readSeconds * 1e9 / reads:0} ns beside {writes} writes of {seconds * 1e9 / writes:0} ns; the reader saw {reply.ReadInt64()} of them go by, and never half of one");
}

static Parcel Request()
{
    var data = new Parcel();
    data.WriteInterfaceToken(Reader.Interface);
    return data;
}

static void Check(bool holds, string otherwise)
{
    if (!holds)
        throw new InvalidOperationException(otherwise);
}

static string Speed(long bytes, double seconds) => $"{bytes / seconds / (1 << 30):0.0} GiB/s";

static void Say(string text) => Console.WriteLine(text);

static Process StartMyself(params string[] arguments)
{
    string program = Environment.ProcessPath!;
    var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
    if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
    foreach (string argument in arguments)
        start.ArgumentList.Add(argument);
    return Process.Start(start)!;
}
