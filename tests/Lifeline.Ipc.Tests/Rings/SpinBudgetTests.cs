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
    public void Tries_that_fail_become_ever_more_seldom()
    {
        var budget = new SpinBudget();
        var never = new Condition(false);
        int tries = 0;
        for (int i = 0; i < 40_000; i++)
        {
            int looks = never.Looks;
            budget.Spin(never);
            if (never.Looks > looks + 1)
                tries++;
        }

        Assert.InRange(tries, Environment.ProcessorCount > 1 ? 3 : 0, 16);
    }

    [Fact]
    public void It_spins_again_where_that_pays_again()
    {
        Assert.SkipWhen(Environment.ProcessorCount == 1, "on one processor nobody spins");
        var budget = new SpinBudget();
        for (int i = 0; i < 40_000; i++)
            budget.Spin(new Condition(false));
        int waits = 0;
        // At its second look it has happened: only who spins takes one.
        for (; waits < 10_000 && !budget.Spin(new Condition(false, metAt: 2)); waits++)
        {
        }

        Assert.InRange(waits, 0, 9_000);
        Assert.True(budget.IsWorthwhile);
    }

    [Fact]
    public void What_has_happened_needs_no_spinning()
    {
        var budget = new SpinBudget();
        var now = new Condition(true);
        Assert.True(budget.Spin(now));
        Assert.Equal(1, now.Looks);
    }

    private sealed class Condition(bool met, int metAt = int.MaxValue) : ISpinCondition
    {
        internal int Looks { get; private set; }

        bool ISpinCondition.IsMet
        {
            get
            {
                Looks++;
                return met || Looks >= metAt;
            }
        }
    }
}
