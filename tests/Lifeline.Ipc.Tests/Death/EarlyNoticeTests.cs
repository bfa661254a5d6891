using Lifeline.Ipc.Death;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>The early notice of real processes that are really killed.</summary>
public sealed class EarlyNoticeTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    public async Task The_death_of_a_large_process_is_told_early_and_then_ordinarily(string ringBytes)
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path, ringBytes);
        (IpcProxy stub, _) = await book.NextAsync();
        Assert.True(stub.Session.HasEarlyNotice);
        using (Parcel size = Stubs.Int(256))
            (await stub.CallAsync(OtherProgram.Grow, size).Soon()).Dispose();
        var told = new List<(string Who, bool Early, bool WasOver)>();
        var last = new Signal();
        stub.AddDeathRecipient(n =>
        {
            told.Add(("ordinary", n.Early, stub.Session.IsClosed));
            last.SetResult();
        });
        stub.AddDeathRecipient(n => told.Add(("early", n.Early, stub.Session.IsClosed)), DeathTiming.Early);
        guest.Kill();
        await last.Task.Soon();
        Assert.Equal([("early", true, false), ("ordinary", false, true)], told);
    }

    [Fact]
    public async Task Without_the_feature_an_early_recipient_is_called_with_the_ordinary_ones_in_order()
    {
        await using var book = new GuestBook(o => o.EarlyDeathNotice = false);
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy stub, _) = await book.NextAsync();
        Assert.False(stub.Session.HasEarlyNotice);
        var told = new List<(int Number, bool Early)>();
        var last = new Signal();
        stub.AddDeathRecipient(n => told.Add((1, n.Early)), DeathTiming.Early);
        stub.AddDeathRecipient(n => told.Add((2, n.Early)));
        stub.AddDeathRecipient(
            n =>
            {
                told.Add((3, n.Early));
                last.SetResult();
            },
            DeathTiming.Early);
        guest.Kill();
        await last.Task.Soon();
        Assert.Equal([(1, false), (2, false), (3, false)], told);
    }

    [Fact]
    public async Task Many_sessions_with_one_process_cost_one_descriptor_and_one_wait_and_each_is_told()
    {
        const int count = 40;
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("many", book.Path, $"{count}");
        var stubs = new List<IpcProxy>();
        int left = count;
        var all = new Signal();
        int[] calls = new int[count];
        for (int i = 0; i < count; i++)
        {
            int number = i;
            stubs.Add((await book.NextAsync()).Stub);
            Assert.True(stubs[i].Session.HasEarlyNotice);
            stubs[i].AddDeathRecipient(
                n =>
                {
                    calls[number]++;
                    if (--left == 0)
                        all.SetResult();
                },
                DeathTiming.Early);
        }

        SharedProcess process = stubs[0].Peer.Process!.Shared;
        Assert.All(stubs, s => Assert.Same(process, s.Peer.Process!.Shared));
        Assert.Equal(1, process.Pages);
        IpcSession[] sessions = [.. stubs.Select(s => s.Session)];
        guest.Kill();
        await all.Task.Soon();
        await Task.WhenAll(sessions.Select(s => s.Finished)).Soon();
        Assert.All(calls, c => Assert.Equal(1, c));
        Assert.Equal(0, process.Pages);
    }

    [Fact]
    public async Task A_process_that_becomes_another_program_ends_its_sessions_and_is_alive_in_new_ones()
    {
        await using var book = new GuestBook();
        using OtherProcess guest = OtherProcess.Start("guest", book.Path);
        (IpcProxy before, _) = await book.NextAsync();
        var told = new Signal();
        before.AddDeathRecipient(_ => told.SetResult());
        using (Parcel path = new())
        {
            path.WriteString(book.Path);
            before.Post(OtherProgram.Exec, path);
        }

        await told.Task.Soon();
        (IpcProxy after, CallerIdentity caller) = await book.NextAsync();
        Assert.Equal(guest.Pid, caller.Pid);
        Assert.True(after.Session.HasEarlyNotice);
        await after.PingAsync().Soon();
        Assert.False(after.IsDead);
        var early = new Signal<bool>();
        using (Parcel size = Stubs.Int(256))
            (await after.CallAsync(OtherProgram.Grow, size).Soon()).Dispose();
        after.AddDeathRecipient(n => early.SetResult(n.Early), DeathTiming.Early);
        guest.Kill();
        Assert.True(await early.Task.Soon());
    }

    [Fact]
    public void More_processes_than_the_threads_can_wait_for_have_the_ordinary_notice_only()
    {
        using OtherProcess crowd = OtherProcess.Start("crowd");
        Assert.Equal(0, crowd.Reap().ExitCode);
    }

    [Fact]
    public async Task Sessions_inside_one_process_have_none()
    {
        await using IpcPair memory = await IpcPair.OpenAsync(TransportKind.Memory, Stubs.Increment());
        await using IpcPair rings = await IpcPair.OpenAsync(TransportKind.Ring, Stubs.Increment());
        Assert.False(memory.ClientSession.HasEarlyNotice || memory.ServerSession.HasEarlyNotice);
        Assert.False(rings.ClientSession.HasEarlyNotice || rings.ServerSession.HasEarlyNotice);
    }
}
