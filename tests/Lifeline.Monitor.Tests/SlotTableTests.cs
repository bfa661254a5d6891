namespace Lifeline.Monitor.Tests;

public sealed class SlotTableTests
{
    public static TheoryData<string, string> Pairs()
    {
        var pairs = new TheoryData<string, string>();
        foreach (var phase in Enum.GetNames<SlotPhase>())
            foreach (var trigger in Enum.GetNames<SlotTrigger>())
                pairs.Add(phase, trigger);
        return pairs;
    }

    [Theory]
    [MemberData(nameof(Pairs), DisableDiscoveryEnumeration = true)]
    public void Every_pair_has_an_entry_and_an_ignored_one_says_why(string phase, string trigger)
    {
        var (p, t) = (Enum.Parse<SlotPhase>(phase), Enum.Parse<SlotTrigger>(trigger));
        var action = SlotTable.Default.Find(p, t);
        Assert.True(Enum.IsDefined(action));
        Assert.Equal(action == SlotAction.Ignore, !string.IsNullOrEmpty(SlotTable.Default.WhyIgnored(p, t)));
    }

    [Fact]
    public void Every_action_stands_somewhere()
    {
        var used = new HashSet<SlotAction>();
        foreach (var phase in Enum.GetValues<SlotPhase>())
            foreach (var trigger in Enum.GetValues<SlotTrigger>())
                used.Add(SlotTable.Default.Find(phase, trigger));
        Assert.Empty(Enum.GetValues<SlotAction>().Except(used));
    }

    [Fact]
    public void No_cell_brings_a_dead_generation_back()
    {
        SlotPhase[] dead = [SlotPhase.Stopped, SlotPhase.Reclaiming, SlotPhase.ReclaimFailed, SlotPhase.Waiting, SlotPhase.Backoff, SlotPhase.Failed, SlotPhase.Exited];
        SlotAction[] life = [SlotAction.NoteLaunched, SlotAction.BecomeReady, SlotAction.Adopt, SlotAction.BeginStop, SlotAction.BeginYield, SlotAction.EndHold, SlotAction.Resume, SlotAction.AskAgain];
        foreach (var phase in dead)
            foreach (var trigger in Enum.GetValues<SlotTrigger>())
                Assert.DoesNotContain(SlotTable.Default.Find(phase, trigger), life);
    }

    [Fact]
    public void Only_a_clean_slot_launches()
    {
        SlotAction[] launches = [SlotAction.LaunchFresh, SlotAction.LaunchDue, SlotAction.LaunchRetry, SlotAction.LaunchUnblocked];
        foreach (var phase in Enum.GetValues<SlotPhase>())
        {
            var isClean = phase is SlotPhase.Stopped or SlotPhase.Waiting or SlotPhase.Backoff or SlotPhase.Failed or SlotPhase.Exited;
            foreach (var trigger in Enum.GetValues<SlotTrigger>())
                if (!isClean) Assert.DoesNotContain(SlotTable.Default.Find(phase, trigger), launches);
        }
    }
}
