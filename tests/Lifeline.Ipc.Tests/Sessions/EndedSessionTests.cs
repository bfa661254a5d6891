using System.Runtime.CompilerServices;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Sessions;

/// <summary>What an ended session keeps, for whoever holds on to it.</summary>
public sealed class EndedSessionTests
{
    [Theory]
    [InlineData(TransportKind.Socket)]
    [InlineData(TransportKind.Ring)]
    public async Task An_ended_session_does_not_keep_what_its_peer_had_given_away(TransportKind kind)
    {
        var kept = new List<IpcProxy>();
        await using IpcPair pair = await IpcPair.OpenAsync(kind, Stubs.Of((_, data, _, _) => kept.Add(data.ReadProxy()!)));
        for (int i = 0; i < 10; i++)
        {
            using Parcel data = Stubs.With(Stubs.Increment());
            (await pair.Root.CallAsync(1, data).Soon()).Dispose();
        }

        WeakReference target = TargetOfTheFirst(kept);
        pair.ClientSession.Close("enough");
        await pair.ServerSession.Closed.Soon();
        Drop(kept);
        for (int i = 0; i < 100 && target.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }

        Assert.False(target.IsAlive);
        GC.KeepAlive(pair.ServerSession);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference TargetOfTheFirst(List<IpcProxy> kept) => new(kept[0].Target);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Drop(List<IpcProxy> kept)
    {
        foreach (IpcProxy proxy in kept)
            proxy.Dispose();
        kept.Clear();
    }
}
