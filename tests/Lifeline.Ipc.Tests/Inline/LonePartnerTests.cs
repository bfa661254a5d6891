using Lifeline.Ipc.Endpoints;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Rings;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>Where one session alone wakes the thread that receives, that one sleeps on its ring.</summary>
public sealed class LonePartnerTests
{
    [Fact]
    public async Task A_lone_caller_needs_no_doorbell_after_a_while()
    {
        await using var home = new IpcEndpoint();
        using RawRingPeer peer = Connect(home, out _);
        await BecomeAloneAsync(peer);
        for (ulong i = 1; i <= 100; i++)
        {
            if (await peer.WaitUntilAsleepAsync() == RingSleep.Doorbell)
                await BecomeAloneAsync(peer);
            Call(peer);
        }
    }

    [Fact]
    public async Task Others_are_heard_while_it_sleeps_there()
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        using RawRingPeer peer = Connect(home, out string path);
        for (int round = 0; round < 20; round++)
        {
            await BecomeAloneAsync(peer);
            IpcSession other = await guest.ConnectAsync(path).Soon();
            Assert.Equal(round + 1, await other.Root.CallIntAsync(1, round));
            other.Close("next round");
        }
    }

    [Fact]
    public async Task The_end_of_the_peer_is_noticed_while_it_sleeps_there()
    {
        await using var home = new IpcEndpoint();
        IpcSession session;
        using (RawRingPeer peer = Connect(home, out _))
        {
            await BecomeAloneAsync(peer);
            session = home.Sessions.Single();
        }

        await session.Closed.Soon();
    }

    [Fact]
    public async Task The_session_can_be_closed_while_it_sleeps_there()
    {
        await using var home = new IpcEndpoint();
        using RawRingPeer peer = Connect(home, out string path);
        await BecomeAloneAsync(peer);
        IpcSession session = home.Sessions.Single();
        session.Close("enough");
        await session.Closed.Soon();
        await using var guest = new IpcEndpoint();
        IpcSession other = await guest.ConnectAsync(path).Soon();
        Assert.Equal(2, await other.Root.CallIntAsync(1, 1));
    }

    [Fact]
    public async Task The_endpoint_can_be_closed_while_it_sleeps_there()
    {
        RawRingPeer peer;
        await using (var home = new IpcEndpoint())
        {
            peer = Connect(home, out _);
            await BecomeAloneAsync(peer);
        }

        peer.Dispose();
    }

    [Theory]
    [InlineData(RingSleep.Awake)]
    [InlineData(RingSleep.Doorbell)]
    [InlineData(RingSleep.Futex)]
    [InlineData(-1)]
    public async Task A_peer_that_wakes_in_vain_does_not_keep_the_others_waiting(int word)
    {
        await using var home = new IpcEndpoint();
        await using var guest = new IpcEndpoint();
        using RawRingPeer peer = Connect(home, out string path);
        IpcSession other = await guest.ConnectAsync(path).Soon();
        await BecomeAloneAsync(peer);
        await using var waking = new Flood(() => peer.WakeInVain(word));
        for (int i = 0; i < 100; i++)
            Assert.Equal(i + 1, other.Root.CallInt(1, i));
    }

    [Fact]
    public async Task Who_wakes_it_when_it_sleeps_elsewhere_by_now_does_not_make_it_deaf()
    {
        await using var home = new IpcEndpoint();
        using RawRingPeer peer = Connect(home, out _);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(RingSleep.Doorbell, await peer.WaitUntilAsleepAsync());
            ((ILoneTarget)home.Sessions.Single()).WakeAlone();
            Call(peer);
        }
    }

    private static RawRingPeer Connect(IpcEndpoint home, out string path)
    {
        path = $"@lifeline-tests-{Guid.NewGuid():N}";
        home.Listen(path, new SynchronousDelegateStub(Stubs.Descriptor, (_, data, reply, _) => reply.WriteInt32(data.ReadInt32() + 1)));
        return RawRingPeer.Connect(path);
    }

    /// <summary>Calls again and again, each time when the other side sleeps, until that one sleeps on the word.</summary>
    private static async Task BecomeAloneAsync(RawRingPeer peer)
    {
        for (int calls = 0; await peer.WaitUntilAsleepAsync() != RingSleep.Futex; calls++)
        {
            Assert.True(calls < 10_000);
            Call(peer);
        }
    }

    private static void Call(RawRingPeer peer)
    {
        peer.Send(RawRingPeer.CallHeader(peer.NextCall()), BitConverter.GetBytes(4));
        Assert.Equal(BitConverter.GetBytes(5), peer.Receive().Data);
    }
}
