using Lifeline.Ipc.Protocol;
using Lifeline.Ipc.Sessions;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

public sealed class InboxWindowTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whoever_keeps_to_its_credit_is_never_refused_and_never_stuck(int seed)
    {
        var random = new Random(seed);
        int maxMessages = random.Next(4, 40);
        const int maxBytes = 1 << 20;
        var window = new InboxWindow(maxMessages, maxBytes);
        long messages = maxMessages;
        long bytes = maxBytes;
        var running = new List<int>();
        for (int step = 0; step < 20_000; step++)
        {
            int size = random.Next(3) == 0 ? random.Next(1, Parcel.MaxDataSize) : random.Next(1, 200);
            if (random.Next(2) == 0 && messages > 0 && bytes >= size)
            {
                window.Add(size);
                running.Add(size);
                messages--;
                bytes -= size;
            }
            else if (running.Count > 0)
            {
                int index = random.Next(running.Count);
                if (window.Remove(1, running[index]))
                {
                    window.Give(
                        static (given, credit) =>
                        {
                            given[0] += credit.NewMessages;
                            given[1] += credit.NewBytes;
                        },
                        Take(out long[] got));
                    messages += got[0];
                    bytes += got[1];
                }

                running.RemoveAt(index);
            }

            Assert.Equal(running.Count, window.Held.Messages);
            Assert.InRange(messages, 0, maxMessages);
            Assert.InRange(bytes, 0, maxBytes);
            // With nothing under way, at least three quarters are there: the largest request finds room.
            if (running.Count == 0)
            {
                Assert.True(messages >= maxMessages - (maxMessages / 4));
                Assert.True(bytes >= Parcel.MaxDataSize);
            }
        }

        static long[] Take(out long[] got) => got = new long[2];
    }

    [Fact]
    public void A_request_beyond_the_window_is_refused()
    {
        var window = new InboxWindow(4, 1000);
        for (int i = 0; i < 4; i++)
            window.Add(10);
        Assert.Throws<ProtocolViolationException>(() => window.Add(10));
        // What was handled but not given back is not the peer's.
        Assert.True(window.Remove(1, 10));
        Assert.Throws<ProtocolViolationException>(() => window.Add(10));
        window.Give(static (_, _) => { }, 0);
        window.Add(10);
        Assert.Throws<ProtocolViolationException>(() => new InboxWindow(4, 1000).Add(1001));
    }

    [Fact]
    public async Task Threads_that_finish_side_by_side_give_everything_back()
    {
        const int threads = 4;
        const int each = 20_000;
        var window = new InboxWindow(threads * each, int.MaxValue);
        for (int i = 0; i < threads * each; i++)
            window.Add(100);
        long messages = 0;
        long bytes = 0;
        await Task.WhenAll(Enumerable.Range(0, threads).Select(_ => InlineStubs.OnThread(() =>
        {
            for (int i = 0; i < each; i++)
            {
                window.Remove(1, 100);
                if (i % 7 == 0 || i == each - 1)
                    Give();
            }
        }))).Soon();
        Assert.Equal(threads * each, messages);
        Assert.Equal(threads * each * 100L, bytes);

        void Give() => window.Give(
            (_, credit) =>
            {
                // Under the window's lock. Never a message without its bytes.
                messages += credit.NewMessages;
                bytes += credit.NewBytes;
                Assert.Equal(messages, credit.Messages);
                Assert.Equal(bytes, credit.Bytes);
                Assert.True(bytes >= messages * 100);
            },
            0);
    }
}
