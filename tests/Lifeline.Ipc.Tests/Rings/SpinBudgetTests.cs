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

    private sealed class Condition(bool met) : ISpinCondition
    {
        internal int Looks { get; private set; }

        bool ISpinCondition.IsMet
        {
            get
            {
                Looks++;
                return met;
            }
        }
    }
}
