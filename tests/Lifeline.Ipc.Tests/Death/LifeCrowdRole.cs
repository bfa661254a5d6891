using Lifeline.Ipc.Death;
using Lifeline.Linux;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>A process of its own that waits for more others than it can: the threads that wait belong to the whole process.</summary>
internal static class LifeCrowdRole
{
    internal static unsafe int Run()
    {
        using MemoryFile file = MemoryFile.Create("crowd", 4096);
        using MemoryMapping mapping = file.Map(0, 4096, writable: true);
        file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite);
        for (int i = 0; i < LifePage.Words; i++)
            *LifePage.Word(mapping, i) = RawLifePeer.Held;
        PeerLife[] lives = [.. Enumerable.Range(0, LifeWatch.MaxLives + 1).Select(i => PeerLife.TryOpen(file, default, i % LifePage.Words, out _)!)];
        for (int i = 0; i < LifeWatch.MaxLives; i++)
        {
            if (LifeWatch.TryAdd(lives[i]) is not null)
                return 1;
        }

        if (LifeWatch.TryAdd(lives[^1]) is null || LifeWatch.Threads != LifeWatch.MaxThreads)
            return 2;
        foreach (PeerLife life in lives[..^1])
            life.Waiter!.Remove(life);

        // The places are free once the threads have looked.
        var patience = new SpinWait();
        while (LifeWatch.TryAdd(lives[^1]) is not null)
            patience.SpinOnce();
        using var told = new ManualResetEventSlim();
        lives[^1].TryJoin(new Listener(told));
        *LifePage.Word(mapping, LifeWatch.MaxLives % LifePage.Words) = Futex.OwnerDied;
        Futex.Wake(LifePage.Word(mapping, LifeWatch.MaxLives % LifePage.Words), 1, isShared: true);
        return told.Wait(Fixtures.Deadline.Limit) && LifeWatch.Threads == LifeWatch.MaxThreads ? 0 : 3;
    }

    private sealed class Listener(ManualResetEventSlim told) : ILifeListener
    {
        public void OnPeerDying() => told.Set();

        public void OnNoEarlyNotice(string why)
        {
        }
    }
}
