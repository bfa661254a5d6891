using Lifeline.Ipc.Dispatch;
using Lifeline.Ipc.Tests.Fixtures;

namespace Lifeline.Ipc.Tests.Inline;

public sealed class BiasedGateTests
{
    public static TheoryData<int> Seeds => [1, 2, 3];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Only_one_thread_is_inside_while_the_preference_is_taken_back_again_and_again(int seed)
    {
        var gate = new BiasedGate();
        long guarded = 0;
        long other = 0;
        long[] entries = new long[4];
        int inside = 0;
        bool overlapped = false;
        long end = Environment.TickCount64 + 1200;
        await Task.WhenAll(Enumerable.Range(0, entries.Length).Select(thread => InlineStubs.OnThread(() =>
        {
            var random = new Random((seed * 10) + thread);
            while (Environment.TickCount64 < end)
            {
                // Long rows of the same thread, so that it is preferred, broken by single visits of others.
                int row = thread == 0 || random.Next(4) == 0 ? random.Next(2000) : 1;
                for (int i = 0; i < row; i++)
                {
                    using (gate.Enter())
                    {
                        if (inside++ != 0)
                            overlapped = true;
                        guarded++;
                        other = guarded;
                        inside--;
                    }

                    entries[thread]++;
                }

                if (thread != 0)
                    Thread.Yield();
            }
        }))).Soon();
        Assert.False(overlapped);
        Assert.Equal(entries.Sum(), guarded);
        Assert.Equal(guarded, other);
    }

    [Fact]
    public async Task A_thread_that_is_preferred_and_has_ended_holds_nobody_up()
    {
        var gate = new BiasedGate();
        int entries = 0;
        await InlineStubs.OnThread(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                using (gate.Enter())
                    entries++;
            }
        }).Soon();
        await InlineStubs.OnThread(() =>
        {
            using (gate.Enter())
                entries++;
        }).Soon();
        Assert.Equal(1001, entries);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("ONE_FLAG", false)]
    [InlineData("NO_MEMBARRIER", false)]
    [InlineData("NO_SECOND_LOOK", false)]
    public async Task No_interleaving_lets_two_in_and_each_fault_that_is_put_in_is_found(string fault, bool holds)
    {
        string report = await SpinModel.CheckAsync("tests/Lifeline.Ipc.Tests/Inline/biased-gate.pml", fault);
        if (holds)
            SpinModel.AssertHolds(report);
        else
            Assert.Contains("errors: 1", report, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_inside_leaves_the_gate()
    {
        var gate = new BiasedGate();
        for (int i = 0; i < 1000; i++)
        {
            Assert.Throws<InvalidOperationException>(Fail);
        }

        using (gate.Enter())
            Assert.NotNull(gate);

        void Fail()
        {
            using (gate.Enter())
                throw new InvalidOperationException();
        }
    }
}
