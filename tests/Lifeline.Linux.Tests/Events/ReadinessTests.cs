using Lifeline.Linux.Tests.Descriptors;
using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Events;

public class ReadinessTests
{
    [Fact]
    public void An_event_counts_until_it_is_drained()
    {
        using var counter = EventFd.Create();
        Assert.False(Poller.IsReady(counter, PollEvents.In));
        Assert.False(counter.Drain());
        counter.Signal();
        counter.Signal();
        Assert.True(Poller.IsReady(counter, PollEvents.In));
        Assert.True(counter.Drain());
        Assert.False(counter.Drain());
    }

    [Fact]
    public void A_full_event_counter_takes_further_signals_without_waiting()
    {
        using var counter = EventFd.Create();
        Span<byte> most = stackalloc byte[8];
        BitConverter.TryWriteBytes(most, ulong.MaxValue - 1);
        counter.Write(most);
        counter.Signal();
        Assert.True(counter.Drain());
    }

    [Fact]
    public void A_timer_fires_at_its_moment_and_can_be_unset()
    {
        using var timer = TimerFd.Create();
        Assert.False(timer.Drain());
        var at = MonotonicClock.Nanoseconds + 3_000_000;
        timer.Set(at);
        Patience.ForReadiness(timer);
        Assert.True(MonotonicClock.Nanoseconds >= at);
        Assert.True(timer.Drain());
        Assert.False(timer.Drain());

        timer.Set(MonotonicClock.Nanoseconds + 3_600_000_000_000);
        Assert.False(Poller.IsReady(timer, PollEvents.In));
        timer.Set(0);
        Assert.True(Poller.IsReady(timer, PollEvents.In, Patience.Milliseconds));
        timer.Set(-5);
        Assert.True(Poller.IsReady(timer, PollEvents.In, Patience.Milliseconds));
        timer.Set(null);
        Assert.False(Poller.IsReady(timer, PollEvents.In));
    }

    [Fact]
    public void Poll_tells_what_is_ready_of_several()
    {
        using var a = EventFd.Create();
        using var b = EventFd.Create();
        var (read, write) = Pipe.Create();
        write.Dispose();
        using (read)
        {
            b.Signal();
            PollItem[] items = [new(a, PollEvents.In), new(b, PollEvents.In | PollEvents.Out), default, new(read, PollEvents.In)];
            Assert.Equal(2, Poller.Poll(items, -1));
            Assert.Equal(PollEvents.None, items[0].Returned);
            Assert.Equal(PollEvents.In | PollEvents.Out, items[1].Returned);
            Assert.Equal(PollEvents.None, items[2].Returned);
            Assert.Equal(PollEvents.HangUp, items[3].Returned);
            Assert.Equal(0, Poller.Poll([new PollItem(a, PollEvents.In)], 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => Poller.Poll(new PollItem[Poller.MaxItems + 1], 0));
        }
    }

    [Fact]
    public async Task A_descriptor_disposed_during_a_wait_is_closed_after_it()
    {
        var (read, write) = Pipe.Create();
        using (read)
        {
            using var counter = EventFd.Create();
            using var started = new ManualResetEventSlim();
            var waiting = Task.Run(() =>
            {
                PollItem[] items = [new(write, PollEvents.None), new(counter, PollEvents.In)];
                started.Set();
                return Poller.Poll(items, Patience.Milliseconds);
            });
            started.Wait(Patience.Span);
            write.Dispose();
            counter.Signal();
            Assert.Equal(1, await waiting.ContinueWith(t => t.IsCompletedSuccessfully ? t.Result : 1, TaskScheduler.Default));
            Patience.ForReadiness(read, PollEvents.None); // hang-up: the write end is closed now
        }
    }

    [Fact]
    public void Epoll_reports_the_tag_of_what_is_ready()
    {
        using var epoll = Epoll.Create();
        using var a = EventFd.Create();
        using var b = EventFd.Create();
        epoll.Add(a, EpollEvents.In, 0xFFFF_FFFF_FFFF_FFF1);
        epoll.Add(b, EpollEvents.In, 2);
        var events = new EpollEvent[4];
        Assert.Equal(0, epoll.Wait(events, 0));
        a.Signal();
        Assert.Equal(1, epoll.Wait(events, Patience.Milliseconds));
        Assert.Equal(new EpollEvent(EpollEvents.In, 0xFFFF_FFFF_FFFF_FFF1), events[0]);
        b.Signal();
        Assert.Equal(2, epoll.Wait(events, Patience.Milliseconds));
        Assert.Equal(1, epoll.Wait(events.AsSpan(0, 1), Patience.Milliseconds));

        epoll.Modify(a, EpollEvents.None, 1);
        epoll.Remove(b);
        Assert.Equal(0, epoll.Wait(events, 0));
        Assert.Equal(Errno.ENOENT, DescriptorTests.Refusal(() => epoll.Remove(b)));
        Assert.Equal(Errno.EEXIST, DescriptorTests.Refusal(() => epoll.Add(a, EpollEvents.In, 1)));
    }

    [Fact]
    public void Epoll_reports_once_or_on_change_where_asked()
    {
        using var epoll = Epoll.Create();
        using var once = EventFd.Create();
        using var edge = EventFd.Create();
        epoll.Add(once, EpollEvents.In | EpollEvents.OneShot, 1);
        epoll.Add(edge, EpollEvents.In | EpollEvents.EdgeTriggered, 2);
        once.Signal();
        edge.Signal();
        var events = new EpollEvent[4];
        Assert.Equal(2, epoll.Wait(events, Patience.Milliseconds));
        Assert.Equal(0, epoll.Wait(events, 0));
        edge.Signal();
        epoll.Modify(once, EpollEvents.In | EpollEvents.OneShot, 1);
        Assert.Equal(2, epoll.Wait(events, Patience.Milliseconds));
    }

    [Fact]
    public void Epoll_gives_many_reports_in_turns()
    {
        using var epoll = Epoll.Create();
        var counters = Enumerable.Range(0, Epoll.MaxEvents + 10).Select(_ => EventFd.Create()).ToArray();
        for (var i = 0; i < counters.Length; i++)
        {
            epoll.Add(counters[i], EpollEvents.In | EpollEvents.OneShot, (ulong)i);
            counters[i].Signal();
        }

        var events = new EpollEvent[counters.Length];
        var seen = new HashSet<ulong>();
        while (epoll.Wait(events, 0) is var count and > 0)
            foreach (var report in events.AsSpan(0, count))
                Assert.True(seen.Add(report.Tag));
        Assert.Equal(counters.Length, seen.Count);
        foreach (var counter in counters)
            counter.Dispose();
    }

    [Fact]
    public void Waiting_allocates_nothing()
    {
        using var epoll = Epoll.Create();
        using var counter = EventFd.Create();
        epoll.Add(counter, EpollEvents.In, 1);
        counter.Signal();
        var events = new EpollEvent[4];
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                epoll.Wait(events, 0);
                Poller.IsReady(counter, PollEvents.In);
                counter.Drain();
                counter.Signal();
            }

            if (round == 1)
                Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }
}
