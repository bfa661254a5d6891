using Lifeline.Ipc.Death;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Death;

/// <summary>Exactly one obituary for each registration, none after its removal, whatever races with the death.</summary>
public sealed class ObituaryPropertyTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 24)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Each_registration_is_called_exactly_once_or_was_removed(int seed)
    {
        var random = new Random(seed);
        await using IpcPair pair = await IpcPair.OpenAsync((TransportKind)random.Next(3), Stubs.Increment());
        var records = new List<Record>[3];
        int deathAfter = random.Next(0, 300);
        // Early notice before, after or without the death.
        int dyingAfter = random.Next(0, 400);
        int added = 0;
        bool serverSide = random.Next(2) == 0;
        var start = new Signal();
        Task[] adders = [.. Enumerable.Range(0, records.Length).Select(worker => Task.Run(async () =>
        {
            await start.Task;
            records[worker] = Register(pair, new Random((seed * 100) + worker), () =>
            {
                int sofar = Interlocked.Increment(ref added);
                if (sofar == dyingAfter)
                    ((ILifeListener)pair.ClientSession).OnPeerDying();
                if (sofar == deathAfter)
                    (serverSide ? pair.ServerSession : pair.ClientSession).Close("death");
            });
        }))];
        start.SetResult();
        await Task.WhenAll(adders).Soon();
        pair.ClientSession.Close("death at the end");
        await pair.ClientSession.Finished.Soon();
        await pair.Client.Obituaries.DrainAsync().Soon();

        foreach (Record record in records.SelectMany(r => r))
        {
            Assert.True(record.Calls <= 1, $"seed {seed}: called {record.Calls} times");
            if (record.RemovedBeforeCall)
                Assert.Equal(0, record.Calls);
            else
                Assert.Equal(1, record.Calls);
            Assert.True(record.IsEarlyWanted || record.EarlyCalls == 0, $"seed {seed}: an ordinary recipient was called early");
        }
    }

    private static List<Record> Register(IpcPair pair, Random random, Action afterEach)
    {
        var records = new List<Record>();
        for (int i = 0; i < 120; i++)
        {
            IpcProxy proxy = pair.ClientSession.Root;
            var record = new Record { IsEarlyWanted = random.Next(2) == 0 };
            DeathRegistration registration = proxy.AddDeathRecipient(
                notice =>
                {
                    Interlocked.Increment(ref record.Calls);
                    if (notice.Early)
                        Interlocked.Increment(ref record.EarlyCalls);
                },
                record.IsEarlyWanted ? DeathTiming.Early : DeathTiming.Ordinary);
            records.Add(record);
            int choice = random.Next(4);
            if (choice < 2)
            {
                if (choice == 0)
                    registration.Dispose();
                else
                    proxy.Dispose();
                record.RemovedBeforeCall = registration.IsRemoved;
            }

            afterEach();
        }

        return records;
    }

    private sealed class Record
    {
        internal int Calls;
        internal int EarlyCalls;
        internal bool RemovedBeforeCall;
        internal bool IsEarlyWanted;
    }
}
