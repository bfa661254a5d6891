using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>Obituaries of stubs whose home this process has never connected to: another process handed them on.</summary>
public sealed class HandedOnDeathTests
{
    [Fact]
    public async Task The_death_of_the_home_is_told_and_the_death_of_who_handed_it_on_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var book = new GuestBook(o => o.HandshakeTimeout = Deadline.Limit);
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.SeqPacket);
        using OtherProcess home = OtherProcess.Start([(listener, 10)], ["adopt", "10"]);
        using OtherProcess middle = OtherProcess.Start("introduce", folder.File("s"), book.Path);

        (IpcProxy stub, CallerIdentity introducer) = await book.NextAsync();
        Assert.Equal(middle.Pid, introducer.Pid);
        Assert.Equal(home.Pid, stub.Peer.Pid);
        var told = new Signal<DeathNotice>();
        stub.AddDeathRecipient(told.SetResult);

        middle.Kill();
        middle.Reap();
        using (Parcel empty = new())
        using (Parcel reply = await stub.CallAsync(OtherProgram.AskPid, empty).Soon())
            Assert.Equal(home.Pid, reply.ReadInt32());
        Assert.False(told.Task.IsCompleted);

        home.Kill();
        Assert.Equal(home.Pid, (await told.Task.Soon()).Peer.Pid);
        Assert.True(stub.IsDead);
    }

    [Fact]
    public async Task A_process_that_listens_nowhere_and_holds_only_proxies_can_be_called_back()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        var told = new Signal<DeathNotice>();
        stub.AddDeathRecipient(told.SetResult);
        // The guest calls a proxy of ours from inside a call that we make on the stub that it gave away.
        using Parcel data = Stubs.With(Stubs.Of((_, asked, reply, context) => reply.WriteInt32(asked.ReadInt32() == context.Caller.Pid ? 1 : 0)));
        using (Parcel reply = await stub.CallAsync(OtherProgram.CallBack, data).Soon())
            Assert.Equal(1, reply.ReadInt32());
        guest.Kill();
        Assert.Equal(guest.Pid, (await told.Task.Soon()).Peer.Pid);
    }

    [Fact]
    public async Task The_references_that_a_killed_process_held_are_given_back()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        var unreferenced = new Signal();
        var entered = new Signal();
        var mine = new DelegateStub(Stubs.Descriptor, async (_, _, _, context) =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, context.Cancelled);
        }, unreferenced.SetResult);
        using Parcel data = Stubs.With(mine);
        Task<Parcel> call = stub.CallAsync(OtherProgram.CallBack, data, Timeout.InfiniteTimeSpan).AsTask();
        await entered.Task.Soon();
        Assert.False(unreferenced.Task.IsCompleted);
        guest.Kill();
        await unreferenced.Task.Soon();
        await Assert.ThrowsAsync<IpcException>(() => call.Soon());
    }
}
