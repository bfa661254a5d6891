using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Limits;

/// <summary>Shared memory from one peer counts as long as it is held here.</summary>
public sealed class BlockLimitTests
{
    private const int Block = 600 << 10;

    [Fact]
    public async Task A_block_counts_until_it_and_its_last_map_are_disposed()
    {
        SharedBlock? block = null;
        SharedMap? map = null;
        await using IpcPair pair = await OpenAsync(data =>
        {
            block = data.ReadParcelable<SharedBlock>();
            map = block.Map();
        });
        using SharedBlock mine = SharedBlock.Create("mine", Block);
        await SendAsync(pair, mine);
        Assert.Equal(Block, pair.ServerSession.Blocks.Bytes);
        await RefusedAsync(pair, mine);

        block!.Dispose();
        block.Dispose();
        await RefusedAsync(pair, mine);
        map!.Dispose();
        Assert.Equal(0, pair.ServerSession.Blocks.Bytes);
        await SendAsync(pair, mine);
        using SharedBlock second = block.Duplicate();
        block.Dispose();
        map.Dispose();
        Assert.Equal(Block, pair.ServerSession.Blocks.Bytes);
        second.Dispose();
        Assert.Equal(0, pair.ServerSession.Blocks.Bytes);
    }

    [Fact]
    public async Task Raw_blocks_count_and_small_ones_do_not()
    {
        var held = new List<RawData>();
        await using IpcPair pair = await OpenAsync(data => held.Add(data.ReadRawData(data.PeekRawDataSize())));
        using var large = new Parcel();
        large.WriteRawData(new byte[Block]);
        (await pair.Root.CallAsync(1, large).Soon()).Dispose();
        IpcException e = await pair.Root.FailsAsync(1, large);
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains($"{Block} bytes of shared memory from process {Environment.ProcessId} are held, and {Block} more were sent; MaxBlockBytes allows {1 << 20}.", e.Message, StringComparison.Ordinal);
        using var small = new Parcel();
        small.WriteRawData(new byte[Parcel.MaxInlineRawData]);
        (await pair.Root.CallAsync(1, small).Soon()).Dispose();
        held[0].Dispose();
        (await pair.Root.CallAsync(1, large).Soon()).Dispose();
    }

    [Fact]
    public async Task A_forgotten_block_is_given_back_by_the_garbage_collector()
    {
        await using IpcPair pair = await OpenAsync(data => data.ReadParcelable<SharedBlock>().Map());
        using SharedBlock mine = SharedBlock.Create("mine", Block);
        await SendAsync(pair, mine);
        for (int i = 0; i < 200 && pair.ServerSession.Blocks.Bytes > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await pair.Root.PingAsync().Soon();
        }

        Assert.Equal(0, pair.ServerSession.Blocks.Bytes);
    }

    [Fact]
    public async Task A_board_counts_while_its_reader_is_in_use()
    {
        SharedBoardReader? reader = null;
        await using IpcPair pair = await OpenAsync(data =>
        {
            using SharedBlock block = data.ReadParcelable<SharedBlock>();
            reader = new SharedBoardReader(block);
        });
        using SharedBoardWriter board = SharedBoardWriter.Create("prices", 10, 64);
        using SharedBlock shared = board.Share();
        await SendAsync(pair, shared);
        Assert.Equal(shared.Size, pair.ServerSession.Blocks.Bytes);
        GC.KeepAlive(reader);
    }

    [Fact]
    public async Task A_stream_counts()
    {
        SharedStream? end = null;
        await using IpcPair pair = await OpenAsync(data => end = data.ReadParcelable<SharedStream>());
        (SharedStream writer, SharedStream reader) = SharedStream.CreatePair("frames", 64 << 10);
        using var data = new Parcel();
        data.WriteParcelable(reader);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        Assert.InRange(pair.ServerSession.Blocks.Bytes, 64 << 10, 65 << 10 << 1);
        end!.Dispose();
        writer.Dispose();
        Assert.Equal(0, pair.ServerSession.Blocks.Bytes);
    }

    private static Task<IpcPair> OpenAsync(Action<Parcel> receive) =>
        IpcPair.OpenAsync(TransportKind.Ring, Stubs.Of((_, data, _, _) => receive(data)), server: o => o.MaxBlockBytes = 1 << 20);

    private static async Task SendAsync(IpcPair pair, SharedBlock block)
    {
        using var data = new Parcel();
        data.WriteParcelable(block);
        (await pair.Root.CallAsync(1, data).Soon()).Dispose();
    }

    private static async Task RefusedAsync(IpcPair pair, SharedBlock block)
    {
        using var data = new Parcel();
        data.WriteParcelable(block);
        IpcException e = await pair.Root.FailsAsync(1, data);
        Assert.Equal(IpcError.LimitReached, e.Error);
        Assert.Contains(nameof(IpcEndpointOptions.MaxBlockBytes), e.Message, StringComparison.Ordinal);
    }
}
