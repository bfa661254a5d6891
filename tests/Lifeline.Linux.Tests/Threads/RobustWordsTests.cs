using Lifeline.Linux.Tests.Harness;

namespace Lifeline.Linux.Tests.Threads;

public sealed unsafe class RobustWordsTests : IDisposable
{
    private const int Words = 8;
    private const int Stride = 16;

    private readonly MemoryFile _file = MemoryFile.Create("words", 4096);
    private readonly MemoryMapping _owned;

    public RobustWordsTests()
    {
        _owned = _file.Map(0, 4096, writable: true);
        _file.Seal(MemorySeals.Shrink | MemorySeals.Grow | MemorySeals.FutureWrite);
    }

    [Fact]
    public void Every_word_is_marked_when_the_thread_that_holds_them_ends()
    {
        using var go = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        var holder = Hold(held, go);
        Assert.True(held.Wait(Patience.Span));
        var value = *Word(_owned, 0);
        Assert.NotEqual(0u, value & Futex.HasWaiters);
        Assert.Equal(0u, value & Futex.OwnerDied);
        Assert.All(Enumerable.Range(0, Words), i => Assert.Equal(value, *Word(_owned, i)));
        go.Set();
        Assert.True(holder.Join(Patience.Span));
        // The runtime says that a thread has ended a little before the kernel ends it.
        Assert.True(SpinWait.SpinUntil(() => Enumerable.Range(0, Words).All(i => *Word(_owned, i) == (Futex.OwnerDied | Futex.HasWaiters)), Patience.Span));
    }

    [Fact]
    public void Who_waits_through_a_map_for_reading_is_woken_by_the_end_of_the_thread()
    {
        Assert.True(Futex.CanWaitForMany(out _), "this kernel is older than 5.16");
        using var go = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        using var seen = new ManualResetEventSlim();
        using var map = _file.Map(0, 4096, writable: false);
        var holder = Hold(held, go);
        Assert.True(held.Wait(Patience.Span));
        var value = *Word(map, 5);
        var waiter = new Thread(() =>
        {
            uint mine = 0;
            while (*Word(map, 5) == value)
                Futex.WaitForMany([new FutexWaiter(&mine, 0, isShared: false), new FutexWaiter(Word(map, 5), value, isShared: true)]);
            seen.Set();
        });
        waiter.Start();
        go.Set();
        Assert.True(seen.Wait(Patience.Span));
        Assert.True(waiter.Join(Patience.Span) && holder.Join(Patience.Span));
    }

    [Fact]
    public void A_map_for_reading_is_enough_to_wake_others()
    {
        using var map = _file.Map(0, 4096, writable: false);
        using var done = new ManualResetEventSlim();
        var woken = -1;
        var waiter = new Thread(() =>
        {
            woken = Futex.WaitForMany([new FutexWaiter(Word(map, 0), 0, isShared: true), new FutexWaiter(Word(map, 1), 0, isShared: true)]);
            done.Set();
        });
        waiter.Start();
        Assert.True(SpinWait.SpinUntil(() => Futex.Wake(Word(map, 1), 1, isShared: true) == 1, Patience.Span));
        Assert.True(done.Wait(Patience.Span));
        Assert.Equal(1, woken);
    }

    [Fact]
    public void A_word_that_holds_something_else_ends_the_wait_at_once()
    {
        uint word = 7;
        Assert.Equal(-1, Futex.WaitForMany([new FutexWaiter(&word, 8, isShared: false)]));
    }

    [Fact]
    public void Nothing_or_too_much_to_wait_for_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Futex.WaitForMany([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Futex.WaitForMany(new FutexWaiter[Futex.MaxWaiters + 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RobustWords.Hold(Word(_owned, 0), RobustWords.MaxWords + 1, Stride));
        Assert.Throws<ArgumentOutOfRangeException>(() => RobustWords.Hold(Word(_owned, 0), 1, 12));
    }

    [Fact]
    public void A_thread_may_ask_for_short_turns()
    {
        var taken = false;
        var thread = new Thread(() => taken = CurrentThread.TryShortenSlice(TimeSpan.FromMicroseconds(100)));
        thread.Start();
        Assert.True(thread.Join(Patience.Span));
        // Not where the tests run with a better priority than most.
        Assert.True(taken || NiceOfThisProcess() < 0);
    }

    public void Dispose()
    {
        _owned.Dispose();
        _file.Dispose();
    }

    private static uint* Word(MemoryMapping map, int index) => (uint*)(map.Pointer + (index * Stride));

    private static int NiceOfThisProcess() => int.Parse(
        ProcFs.TryReadLines("/proc/self/stat")!.First().Split(") ")[^1].Split(' ')[16], System.Globalization.CultureInfo.InvariantCulture);

    private Thread Hold(ManualResetEventSlim held, ManualResetEventSlim go)
    {
        var holder = new Thread(() =>
        {
            RobustWords.Hold(Word(_owned, 0), Words, Stride);
            held.Set();
            go.Wait();
        });
        holder.Start();
        return holder;
    }
}
