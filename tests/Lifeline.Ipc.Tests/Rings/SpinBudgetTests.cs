using Lifeline.Ipc.Dispatch;

namespace Lifeline.Ipc.Tests.Rings;

public sealed class SpinBudgetTests
{
    [Fact]
    public void Waits_that_are_long_end_the_spinning_but_for_a_try_now_and_then()
    {
        var budget = new SpinBudget();
        var never = new Condition(false);
        for (int i = 0; i < 10; i++)
            budget.Spin(never);
        int looks = never.Looks;
        for (int i = 0; i < 20; i++)
            Assert.False(budget.Spin(never));
        Assert.Equal(20, never.Looks - looks);
        for (int i = 0; i < 40; i++)
            budget.Spin(never);
        if (Environment.ProcessorCount > 1)
            Assert.True(never.Looks - looks > 62);
    }

    [Fact]
    public void What_has_happened_needs_no_spinning()
    {
        var budget = new SpinBudget();
        var now = new Condition(true);
        Assert.True(budget.Spin(now));
        Assert.Equal(1, now.Looks);
    }

    [Fact]
    public void Who_waits_for_somebody_on_another_processor_gives_no_way()
    {
        int ways = 0;
        var budget = new SpinBudget(new RunningClock(), () => ways++);
        var elsewhere = new Condition(false) { Partner = here => here + 1 };
        Assert.False(budget.Spin(elsewhere));
        Assert.Equal(0, ways);
        if (Environment.ProcessorCount == 1)
            return;
        Assert.True(elsewhere.Looks > 20, $"{elsewhere.Looks} looks");
        Assert.False(budget.Spin(new Condition(false) { Partner = here => here }));
        Assert.True(ways > 0);
    }

    [Fact]
    public void Where_strangers_want_the_processor_who_is_waited_for_there_is_left_to_a_wake_up()
    {
        if (Environment.ProcessorCount == 1)
            return;
        int ways = 0;
        var clock = new RunningClock();
        var budget = new SpinBudget(clock, () =>
        {
            ways++;
            clock.Now += 2 * SpinBudget.StrangersTurn.Ticks;
        });
        var here = new Condition(false) { Partner = processor => processor };
        Assert.False(budget.Spin(here));
        Assert.False(budget.Spin(here));
        Assert.Equal(1, ways);
        clock.Now += SpinBudget.StrangersStay.Ticks;
        for (int i = 0; i < 40; i++)
            budget.Spin(here);
        Assert.True(ways > 1);
    }

    private sealed class Condition(bool met) : ISpinCondition
    {
        internal int Looks { get; private set; }

        internal Func<int, int> Partner { get; init; } = _ => -1;

        bool ISpinCondition.IsMet
        {
            get
            {
                Looks++;
                return met;
            }
        }

        int ISpinCondition.Meet(int processor) => Partner(processor);
    }

    private sealed class RunningClock : TimeProvider
    {
        internal long Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now += 1;
    }
}
