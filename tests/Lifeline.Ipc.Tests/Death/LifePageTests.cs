using Lifeline.Ipc.Death;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>What a peer may do with its life page, and what comes of it: at worst the end of its own session.</summary>
public sealed class LifePageTests : IAsyncDisposable
{
    private readonly TimersByHand _time = new();
    private readonly Signal<IpcSession> _opened = new();
    private readonly TemporaryFolder _folder = new();
    private readonly IpcEndpoint _home;
    private readonly string _path;

    public LifePageTests()
    {
        _path = _folder.File("s");
        _home = new IpcEndpoint(new IpcEndpointOptions { TimeProvider = _time });
        _home.SessionOpened += s => _opened.TrySetResult(s);
        _home.Listen(_path, Stubs.Increment());
    }

    [Fact]
    public async Task The_mark_of_the_kernel_is_told_to_early_recipients_and_the_others_wait_for_the_end()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        var early = new Signal<DeathNotice>();
        var ordinary = new Signal<DeathNotice>();
        root.AddDeathRecipient(ordinary.SetResult);
        root.AddDeathRecipient(early.SetResult, DeathTiming.Early);
        Assert.False(root.IsDead);
        peer.PretendToDie();
        DeathNotice notice = await early.Task.Soon();
        Assert.True(notice.Early);
        Assert.True(root.IsDead && session.IsPeerDying && !session.IsClosed);
        await DrainAsync();
        Assert.False(ordinary.Task.IsCompleted);
        peer.Raw.Dispose();
        Assert.False((await ordinary.Task.Soon()).Early);
    }

    [Fact]
    public async Task After_the_early_notice_requests_fail_at_once_and_a_reply_still_arrives()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        using Parcel data = Stubs.Int(1);
        Task<Parcel> call = root.CallAsync(1, data).AsTask();
        RecordHeader request = peer.Raw.Receive()!.Value.Header;
        await DieAsync(peer, root);
        Assert.Equal(IpcError.DeadObject, (await root.FailsAsync(1, data)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => root.Call(1, data)).Error);
        Assert.Equal(IpcError.DeadObject, Assert.Throws<IpcException>(() => root.Post(1, data)).Error);
        peer.Raw.Send(new RecordHeader { Kind = RecordKind.Reply, Id = request.Id }, BitConverter.GetBytes(2));
        using Parcel reply = await call.Soon();
        Assert.Equal(2, reply.ReadInt32());
    }

    [Fact]
    public async Task Who_waits_for_room_is_told_at_the_early_notice()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        using Parcel data = new();
        data.WriteBytes(new byte[100_000]);
        int posted = 0;
        while (Record.Exception(() => root.Post(1, data)) is null)
            posted++;
        Assert.InRange(posted, 1, 1000);
        Task post = root.PostAsync(1, data, Timeout.InfiniteTimeSpan).AsTask();
        Task<Parcel> call = root.CallAsync(1, data, Timeout.InfiniteTimeSpan).AsTask();
        await DieAsync(peer, root);
        Assert.Equal(IpcError.DeadObject, (await Assert.ThrowsAsync<IpcException>(() => post.Soon())).Error);
        Assert.Equal(IpcError.DeadObject, (await Assert.ThrowsAsync<IpcException>(() => call.Soon())).Error);
    }

    [Fact]
    public async Task A_recipient_added_after_the_early_notice_is_called_at_once_if_it_wants_to_be()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        await DieAsync(peer, root);
        var early = new Signal<bool>();
        var ordinary = new Signal<bool>();
        root.AddDeathRecipient(n => ordinary.SetResult(n.Early));
        root.AddDeathRecipient(n => early.SetResult(n.Early), DeathTiming.Early);
        Assert.True(await early.Task.Soon());
        Assert.False(ordinary.Task.IsCompleted);
        session.Close("over");
        Assert.False(await ordinary.Task.Soon());
        var late = new Signal<bool>();
        root.AddDeathRecipient(n => late.SetResult(n.Early), DeathTiming.Early);
        Assert.False(await late.Task.Soon());
    }

    [Fact]
    public async Task A_peer_that_was_dying_before_it_shook_hands_is_dying_from_the_first_moment()
    {
        using var peer = new RawLifePeer(_path, value: Futex.OwnerDied | Futex.HasWaiters);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        var early = new Signal<bool>();
        root.AddDeathRecipient(n => early.SetResult(n.Early), DeathTiming.Early);
        Assert.True(await early.Task.Soon());
    }

    [Fact]
    public async Task A_removed_recipient_is_not_called_early()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        using IpcProxy another = session.Root;
        int called = 0;
        root.AddDeathRecipient(_ => called++, DeathTiming.Early).Dispose();
        another.AddDeathRecipient(_ => called++, DeathTiming.Early);
        another.Dispose();
        await DieAsync(peer, root);
        session.Close("over");
        await session.Finished.Soon();
        Assert.Equal(0, called);
    }

    [Fact]
    public async Task A_word_that_is_scribbled_over_costs_the_early_notice_and_nothing_else()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        var early = new Signal<bool>();
        root.AddDeathRecipient(n => early.SetResult(n.Early), DeathTiming.Early);
        peer.Word = 0;
        await LoseAsync(peer, session);
        peer.PretendToDie();
        await DrainAsync();
        Assert.False(root.IsDead || session.IsPeerDying);
        peer.Raw.Dispose();
        Assert.False(await early.Task.Soon());
    }

    [Fact]
    public async Task A_word_that_is_woken_in_vain_again_and_again_is_not_waited_for_any_more()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        await LoseAsync(peer, session);
        Assert.False(session.IsPeerDying);
        Assert.False(session.IsClosed);
    }

    [Fact]
    public async Task Who_announces_its_end_and_lives_on_loses_its_session()
    {
        using var peer = new RawLifePeer(_path);
        IpcSession session = await _opened.Task.Soon();
        using IpcProxy root = session.Root;
        var ordinary = new Signal<DeathNotice>();
        root.AddDeathRecipient(ordinary.SetResult);
        await DieAsync(peer, root);
        _time.Fire(IpcSession.DyingLimit);
        Assert.Contains("still runs", (await ordinary.Task.Soon()).Reason, StringComparison.Ordinal);
        Assert.Contains("still runs", peer.Raw.ReadToEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not sealed")]
    [InlineData("too small")]
    [InlineData("too large")]
    [InlineData("no such word")]
    [InlineData("not held")]
    [InlineData("not sent")]
    [InlineData("no memory")]
    public async Task A_page_that_is_not_in_order_is_not_mapped_and_the_session_goes_on(string fault)
    {
        using RawLifePeer peer = fault switch
        {
            "not sealed" => new RawLifePeer(_path, seals: MemorySeals.Grow),
            "too small" => new RawLifePeer(_path, size: 512),
            "too large" => new RawLifePeer(_path, size: 1 << 20),
            "no such word" => new RawLifePeer(_path, word: LifePage.Words),
            "not held" => new RawLifePeer(_path, value: 4711),
            "not sent" => new RawLifePeer(_path, sends: false),
            _ => new RawLifePeer(_path, isMemory: false),
        };
        IpcSession session = await _opened.Task.Soon();
        Assert.False(session.HasEarlyNotice);
        peer.Raw.Send(new RecordHeader { Kind = RecordKind.Call, Id = 1, Target = 1, Code = 1 }, BitConverter.GetBytes(1));
        Assert.Equal(RecordKind.Reply, peer.Raw.Receive()!.Value.Header.Kind);
    }

    [Fact]
    public void Each_peer_gets_a_word_of_its_own_as_far_as_they_go()
    {
        using var first = new RawLifePeer(_path);
        using var second = new RawLifePeer(_path);
        Assert.True(first.Answer.HasLife && second.Answer.HasLife);
        Assert.NotEqual(first.Answer.LifeWord, second.Answer.LifeWord);
    }

    [Fact]
    public async Task Without_the_option_nothing_is_offered_and_nothing_is_waited_for()
    {
        await using var home = new IpcEndpoint(new IpcEndpointOptions { EarlyDeathNotice = false });
        var opened = new Signal<IpcSession>();
        home.SessionOpened += opened.SetResult;
        string path = _folder.File("without");
        home.Listen(path, Stubs.Increment());
        using var peer = new RawLifePeer(path);
        Assert.False(peer.Answer.HasLife);
        Assert.False((await opened.Task.Soon()).HasEarlyNotice);
    }

    public async ValueTask DisposeAsync()
    {
        await _home.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task LoseAsync(RawLifePeer peer, IpcSession session)
    {
        Assert.True(session.HasEarlyNotice);
        long start = TimeProvider.System.GetTimestamp();
        while (session.HasEarlyNotice)
        {
            peer.Wake();
            await Task.Yield();
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Deadline.Limit, "it is still waited for");
        }
    }

    private static async Task DieAsync(RawLifePeer peer, IpcProxy root)
    {
        var told = new Signal();
        root.AddDeathRecipient(_ => told.SetResult(), DeathTiming.Early);
        peer.PretendToDie();
        await told.Task.Soon();
    }

    private Task DrainAsync() => _home.Obituaries.DrainAsync().Soon();

    /// <summary>The system's clock; timers of one length go off when the test says so.</summary>
    private sealed class TimersByHand : TimeProvider
    {
        private readonly List<(TimerCallback Callback, object? State, TimeSpan Due)> _timers = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            lock (_timers)
                _timers.Add((callback, state, dueTime));
            return base.CreateTimer(callback, state, dueTime, period);
        }

        internal void Fire(TimeSpan due)
        {
            (TimerCallback Callback, object? State, TimeSpan Due)[] timers;
            lock (_timers)
                timers = [.. _timers.Where(t => t.Due == due)];
            Assert.NotEmpty(timers);
            foreach ((TimerCallback callback, object? state, _) in timers)
                callback(state);
        }
    }
}
