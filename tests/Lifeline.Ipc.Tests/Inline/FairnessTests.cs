using System.Buffers.Binary;
using Lifeline.Ipc.Diagnostics;
using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Rings;
using Lifeline.Ipc.Tests.Fixtures;
using Lifeline.Ipc.Tests.Rings;
using Lifeline.Ipc.Tests.Sessions;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>What one peer that floods costs another one.</summary>
public sealed class FairnessTests
{
    private const int Waiting = 2500;
    private const int Rounds = 200;
    private const int MostTickets = 256;
    private const int Flooded = 400_000;

    /// <summary>
    /// What waits lies in the ring when the flood has begun: so how the threads are scheduled decides nothing, with one exception. A thread that was kept from
    /// running in the middle of a batch loses the lead, and workers take the next requests, side by side with it: such a round tells nothing.
    /// </summary>
    [Fact]
    public async Task Between_two_requests_of_a_session_that_has_more_a_flooder_has_no_more_handled_than_is_stated()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var turns = new Turns();
            await using var home = new IpcEndpoint(new IpcEndpointOptions { InboxMessages = 1_000_000, InboxBytes = 1 << 30, Name = "fair" });
            string path = $"@lifeline-tests-{Guid.NewGuid():N}";
            home.Listen(path, turns.Stub);
            using var good = RawRingPeer.Connect(path);
            using var flooder = RawRingPeer.Connect(path);
            for (int i = 0; i < Waiting; i++)
                good.PutSilently(RingRecord.OneWay, Request(1));
            byte[] request = Request(2);
            await using (new Flood(() => flooder.TrySend(RingRecord.OneWay, request)))
            {
                await turns.Begun.Task.Soon();
                good.Ring();
                await turns.Done.Task.Soon();
            }

            if (turns.IsDisturbed)
                continue;
            Assert.InRange(turns.Longest, 0, IpcSession.MaxInARow);
            return;
        }

        Assert.Skip("the machine was so busy that the thread that receives lost the lead in each round");
    }

    /// <summary>The same for what is not run where it is received, and is dearer: stubs, and tickets that lead nowhere.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Between_two_requests_of_a_session_that_has_more_a_flooder_has_no_more_stubs_and_tickets_taken_than_is_stated(bool tickets)
    {
        for (int round = 0; round < Rounds; round++)
        {
            int taken = 0;
            (byte[] Record, int Objects) dear = tickets ? TicketRequest() : ManyStubs();
            IpcSession? flooded = null;
            var counts = new List<int>();
            int handled = 0;
            bool isDisturbed = false;
            var done = new Signal();
            await using var home = new IpcEndpoint(new IpcEndpointOptions { InboxMessages = 1_000_000, InboxBytes = 1 << 30, MaxImportedObjects = 10_000_000, Name = "fair" });
            string path = $"@lifeline-tests-{Guid.NewGuid():N}";
            home.Listen(path, new SynchronousDelegateStub(Stubs.Descriptor, (code, _, _, _) =>
            {
                if (code != 1)
                    return;

                lock (counts)
                {
                    isDisturbed |= Thread.CurrentThread.Name != "fair-recv";
                    // A thread that was looking at the ring still takes some before it is rung for.
                    if (flooded is { } other)
                        counts.Add(Taken(other, dear));
                    if (++handled == Waiting)
                        done.TrySetResult();
                }
            }));
            using var good = RawRingPeer.Connect(path);
            for (int i = 0; i < Waiting; i++)
                good.PutSilently(RingRecord.OneWay, Request(1));
            while (home.Sessions.Count < 1)
                await Task.Yield();
            IpcSession quiet = home.Sessions.Single();
            using var flooder = RawRingPeer.Connect(path);
            while (home.Sessions.Count < 2)
                await Task.Yield();
            flooded = home.Sessions.Single(s => s != quiet);
            await using (new Flood(() => flooder.TrySend(RingRecord.Here, dear.Record)))
            {
                while (Taken(flooded, dear) < 5000)
                    await Task.Yield();
                good.Ring();
                await done.Task.Soon();
            }

            for (int i = 1; i < counts.Count; i++)
                taken = Math.Max(taken, counts[i] - counts[i - 1]);
            if (isDisturbed || taken == 0)
                continue;
            Assert.InRange(taken, 1, tickets ? MostTickets : IpcSession.MaxInARow);
            return;
        }

        Assert.Skip("the machine was so busy that the thread that receives lost the lead in each round");
    }

    /// <summary>Whose calls are looked for without a doorbell is not forgotten while others have something all the time. The median: any thread may be kept from running now and then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_calls_all_the_time_is_answered_while_two_flooders_send_stubs_or_tickets(bool tickets)
    {
        const int wanted = 200;
        (byte[] Record, int Objects) dear = tickets ? TicketRequest() : ManyStubs();
        await using var home = new IpcEndpoint(new IpcEndpointOptions { InboxMessages = 1_000_000, InboxBytes = 1 << 30, MaxImportedObjects = 10_000_000, Name = "fair" });
        await using var guest = new IpcEndpoint();
        string path = $"@lifeline-tests-{Guid.NewGuid():N}";
        IpcSession? flooded = null;
        home.Listen(path, new SynchronousDelegateStub(Stubs.Descriptor, (_, _, reply, _) => reply.WriteInt32(flooded is { } other ? Taken(other, dear) : 0)));
        IpcSession good = await guest.ConnectAsync(path).Soon();
        while (home.Sessions.Count < 1)
            await Task.Yield();
        IpcSession quiet = home.Sessions.Single();
        using var flooder = RawRingPeer.Connect(path);
        while (home.Sessions.Count < 2)
            await Task.Yield();
        flooded = home.Sessions.Single(s => s != quiet);
        using var second = RawRingPeer.Connect(path);
        int[] taken = new int[wanted];
        await using (new Flood(() => flooder.TrySend(RingRecord.Here, dear.Record)))
        await using (new Flood(() => second.TrySend(RingRecord.Here, dear.Record)))
        {
            for (int i = 0; i < wanted; i++)
            {
                int before = Taken(flooded, dear);
                taken[i] = good.Root.CallInt(1, 0) - before;
            }
        }

        Array.Sort(taken);
        // One that is forgotten waits until the flooders' sessions are ended, because they do not read.
        Assert.InRange(taken[^1], 0, Flooded / 2);
        Assert.InRange(taken[wanted / 2], 0, 2 * (tickets ? MostTickets : IpcSession.MaxInARow));
    }

    private static int Taken(IpcSession session, (byte[] Record, int Objects) dear)
    {
        var reading = new MeterReading();
        session.AddTo(reading);
        return (int)(reading.BytesReceived / dear.Record.Length) * dear.Objects;
    }

    private static (byte[] Record, int Objects) TicketRequest() =>
        (RawPeer.Record(new RecordHeader { Kind = RecordKind.TicketRequest, Id = 1, Target = 1 }, new byte[8]), 1);

    private static (byte[] Record, int Objects) ManyStubs()
    {
        const int count = 100;
        byte[] data = new byte[4 + (count * 24)];
        BinaryPrimitives.WriteInt32LittleEndian(data, count);
        int[] offsets = [.. Enumerable.Range(0, count).Select(i => 4 + (i * 24))];
        for (int i = 0; i < count; i++)
            new WireObject(WireObjectKind.Sender, (ulong)(i + 2)).Write(data.AsSpan(offsets[i]));
        return (RawPeer.Record(new RecordHeader { Kind = RecordKind.OneWay, Target = 1, Code = 2 }, data, offsets), count);
    }

    private static byte[] Request(uint code)
    {
        byte[] request = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(request, code);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(4), 1);
        return request;
    }

    private sealed class Turns
    {
        private readonly Lock _gate = new();
        private int _good;
        private int _floods;

        internal Turns() => Stub = new SynchronousDelegateStub(Stubs.Descriptor, (code, _, _, _) => Note(code == 1));

        internal SynchronousDelegateStub Stub { get; }

        internal Signal Begun { get; } = new();

        internal Signal Done { get; } = new();

        internal int Longest { get; private set; }

        internal bool IsDisturbed { get; private set; }

        private void Note(bool isGood)
        {
            lock (_gate)
            {
                IsDisturbed |= Thread.CurrentThread.Name != "fair-recv";
                if (!isGood)
                {
                    if (++_floods == 5000)
                        Begun.TrySetResult();
                    return;
                }

                if (_good > 0)
                    Longest = Math.Max(Longest, _floods);
                _floods = 0;
                if (++_good == Waiting)
                    Done.TrySetResult();
            }
        }
    }
}
