using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Death;

public sealed class ProcessDeathTests
{
    [Fact]
    public async Task A_killed_process_gives_an_obituary_with_its_identity_and_exit()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, CallerIdentity caller) = await book.NextAsync();
        Assert.Equal(guest.Pid, caller.Pid);
        using (Parcel empty = new())
        using (Parcel reply = await stub.CallAsync(OtherProgram.AskPid, empty).Soon())
            Assert.Equal(guest.Pid, reply.ReadInt32());

        var told = new Signal<DeathNotice>();
        stub.AddDeathRecipient(told.SetResult);
        using (PidFd process = stub.Peer.OpenProcess()!)
            process.Signal(9);
        DeathNotice notice = await told.Task.Soon();
        Assert.Equal(guest.Pid, notice.Peer.Pid);
        guest.Reap();
        if (KernelTellsExits())
            Assert.Equal(9, notice.Exit?.Signal);
    }

    [Fact]
    public async Task A_call_that_waits_for_a_process_fails_when_it_is_killed()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        using Parcel empty = new();
        Task<Parcel> call = stub.CallAsync(OtherProgram.Hang, empty, Timeout.InfiniteTimeSpan).AsTask();
        await stub.PingAsync().Soon();
        guest.Kill();
        Assert.Equal(IpcError.DeadObject, (await Assert.ThrowsAsync<IpcException>(() => call.Soon())).Error);
    }

    [Fact]
    public async Task Everything_sent_before_the_kill_arrives_before_the_obituary()
    {
        const int count = 500;
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        var seen = new List<int>();
        var told = new Signal<int>();
        stub.AddDeathRecipient(_ => told.SetResult(seen.Count));
        using Parcel data = Stubs.With(Stubs.Of((_, number, _, _) => seen.Add(number.ReadInt32())));
        data.WriteInt32(count);
        Assert.Equal(IpcError.DeadObject, (await stub.FailsAsync(OtherProgram.FloodAndDie, data)).Error);
        Assert.Equal(count, await told.Task.Soon());
        Assert.Equal(Enumerable.Range(0, count), seen);
    }

    [Fact]
    public async Task The_end_of_the_home_is_told_to_the_guest()
    {
        OtherProcess guest;
        await using (var book = new GuestBook())
        {
            guest = OtherProcess.Start("guest", book.Path);
            await book.NextAsync();
        }

        using (guest)
            Assert.Equal(0, guest.Reap().ExitCode);
    }

    [Fact]
    public async Task A_process_that_dies_is_noticed_though_a_child_of_its_holds_the_socket()
    {
        await using var book = new GuestBook();
        (Descriptor read, Descriptor write) = Pipe.Create();
        using Descriptor childsLifetime = write;
        using Descriptor forChild = read;
        using OtherProcess guest = OtherProcess.Start([(forChild, 10)], ["leak", book.Path]);
        (IpcProxy stub, _) = await book.NextAsync();
        var told = new Signal<string>();
        stub.AddDeathRecipient(n => told.SetResult(n.Reason));
        guest.Kill();
        Assert.Equal("the peer's process ended", await told.Task.Soon());
    }

    [Fact]
    public async Task Who_serves_on_an_inherited_listener_is_the_peer_and_not_who_made_it()
    {
        using var folder = new TemporaryFolder();
        using UnixSocket listener = UnixSocket.Listen(folder.File("s"), UnixSocketType.SeqPacket);
        using OtherProcess first = OtherProcess.Start([(listener, 10)], ["adopt", "10"]);
        await using var endpoint = new IpcEndpoint();
        // Starting takes as long as it takes: the handshake waits in the kernel.
        IpcSession session = await ConnectPatientlyAsync(endpoint, folder.File("s"));
        Assert.Equal(first.Pid, session.Peer.Pid);
        var told = new Signal<DeathNotice>();
        session.Root.AddDeathRecipient(told.SetResult);
        first.Kill();
        Assert.Equal(first.Pid, (await told.Task.Soon()).Peer.Pid);

        using OtherProcess second = OtherProcess.Start([(listener, 10)], ["adopt", "10"]);
        Assert.Equal(second.Pid, (await ConnectPatientlyAsync(endpoint, folder.File("s"))).Peer.Pid);
    }

    private static async Task<IpcSession> ConnectPatientlyAsync(IpcEndpoint endpoint, string path)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await endpoint.ConnectAsync(path).Soon();
            }
            catch (IpcException e) when (e.Error == IpcError.Timeout && attempt < 6)
            {
                // A loaded machine: the handshake's own limit passed first.
            }
        }
    }

    private static bool KernelTellsExits() => Environment.OSVersion.Version >= new Version(6, 15);
}
