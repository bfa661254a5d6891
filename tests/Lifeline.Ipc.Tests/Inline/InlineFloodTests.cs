using System.Globalization;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

/// <summary>Much at once, both ways and from processes that die: nothing may be forgotten on the way.</summary>
public sealed class InlineFloodTests
{
    public static TheoryData<int> Seeds => [1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Floods_both_ways_through_the_smallest_windows_and_rings_arrive_in_order(int seed)
    {
        const int count = 3000;
        IpcProxy? toClient = null;
        var (atServer, allAtServer) = (new List<int>(), new Signal());
        var (atClient, allAtClient) = (new List<int>(), new Signal());
        await using IpcPair pair = await IpcPair.OpenAsync(
            TransportKind.Ring,
            InlineStubs.Of((code, data, reply, _) => Take(code, data, reply, atServer, allAtServer)),
            o => Small(o, seed),
            o => Small(o, seed / 2));
        using (Parcel data = Stubs.With(InlineStubs.Of((code, parcel, reply, _) => Take(code, parcel, reply, atClient, allAtClient))))
            (await pair.Root.CallAsync(3, data).Soon()).Dispose();
        Task[] senders =
        [
            InlineStubs.OnThread(() => Flood(pair.Root, new Random(seed))),
            InlineStubs.OnThread(() => Flood(toClient!, new Random(seed + 50))),
            InlineStubs.OnThread(() => Call(pair.Root)),
            InlineStubs.OnThread(() => Call(toClient!)),
        ];
        await Task.WhenAll(senders).Soon();
        await Task.WhenAll(allAtServer.Task, allAtClient.Task).Soon();
        Assert.Equal(Enumerable.Range(0, count), atServer);
        Assert.Equal(Enumerable.Range(0, count), atClient);

        void Take(uint code, Parcel data, Parcel reply, List<int> seen, Signal all)
        {
            if (code == 3)
            {
                toClient = data.ReadProxy();
            }
            else if (code == 2)
            {
                reply.WriteInt32(data.ReadInt32() + 1);
            }
            else
            {
                seen.Add(data.ReadInt32());
                if (seen.Count == count)
                    all.SetResult();
            }
        }

        static void Flood(IpcProxy proxy, Random random)
        {
            for (int i = 0; i < count; i++)
            {
                using Parcel data = Stubs.Int(i);
                data.WriteBytes(new byte[random.Next(400)]);
                proxy.PostAsync(1, data, Deadline.Limit).AsTask().GetAwaiter().GetResult();
            }
        }

        static void Call(IpcProxy proxy)
        {
            for (int i = 0; i < 400; i++)
                Assert.Equal(i + 1, proxy.CallInt(2, i));
        }

        static void Small(IpcEndpointOptions options, int how)
        {
            options.RingBytes = (how & 1) == 0 ? 4096 : 64 << 10;
            options.InboxMessages = (how & 2) == 0 ? 4 : 50;
            options.OutboxBytes = 256 << 10;
        }
    }

    [Theory]
    [InlineData(64 << 10)]
    [InlineData(256 << 10)]
    public async Task What_a_killed_process_had_sent_is_handled_before_its_obituary_also_by_a_slow_handler(int ringBytes)
    {
        const int count = 600;
        await using var book = new GuestBook(o => o.DeliveryGrace = Deadline.Limit);
        using OtherProcess guest = OtherProcess.Start("guest", book.Path, ringBytes.ToString(CultureInfo.InvariantCulture));
        (IpcProxy stub, _) = await book.NextAsync();
        var seen = new List<int>();
        var told = new Signal<int>();
        stub.AddDeathRecipient(_ => told.SetResult(seen.Count));
        using Parcel data = Stubs.With(InlineStubs.Of((_, number, _, _) =>
        {
            seen.Add(number.ReadInt32());
            if (seen.Count % 150 != 0)
                return;
            using var never = new ManualResetEventSlim();
            never.Wait(8);
        }));
        data.WriteInt32(count);
        Assert.Equal(IpcError.DeadObject, (await stub.FailsAsync(OtherProgram.FloodAndDie, data)).Error);
        int handled = await told.Task.Soon();
        Assert.Equal(Enumerable.Range(0, handled), seen);
    }
}
