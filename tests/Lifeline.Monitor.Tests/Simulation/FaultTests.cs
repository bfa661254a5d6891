namespace Lifeline.Monitor.Tests.Simulation;

/// <summary>The checker is worth something only if it notices: a wrong cell in the core's table, a shell that does not keep its word.</summary>
public sealed class FaultTests
{
    private const int Seeds = 300;
    private const int Steps = 2_000;

    [Theory]
    [InlineData(nameof(SlotPhase.Reclaiming), nameof(SlotTrigger.ReclaimIncomplete), nameof(SlotAction.FinishReclaim), "I4")]
    [InlineData(nameof(SlotPhase.Stopping), nameof(SlotTrigger.Start), nameof(SlotAction.LaunchFresh), "I")]
    [InlineData(nameof(SlotPhase.Running), nameof(SlotTrigger.Restart), nameof(SlotAction.LaunchFresh), "I")]
    [InlineData(nameof(SlotPhase.Killing), nameof(SlotTrigger.Deadline), nameof(SlotAction.Settle), "")]
    [InlineData(nameof(SlotPhase.Running), nameof(SlotTrigger.Diagnosed), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Running), nameof(SlotTrigger.Exited), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Launching), nameof(SlotTrigger.NotListed), nameof(SlotAction.LaunchFresh), "I")]
    [InlineData(nameof(SlotPhase.Stopping), nameof(SlotTrigger.Deadline), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Failed), nameof(SlotTrigger.Deadline), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Waiting), nameof(SlotTrigger.Unblocked), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Holding), nameof(SlotTrigger.DependentsGone), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Running), nameof(SlotTrigger.Yield), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Holding), nameof(SlotTrigger.Start), nameof(SlotAction.Ignore), "")]
    [InlineData(nameof(SlotPhase.Reclaiming), nameof(SlotTrigger.Launched), nameof(SlotAction.NoteLaunched), "I1")]
    public void A_wrong_cell_in_the_core_is_noticed(string phase, string trigger, string action, string invariant)
    {
        var table = SlotTable.Default.With(
            Enum.Parse<SlotPhase>(phase), Enum.Parse<SlotTrigger>(trigger), Enum.Parse<SlotAction>(action));
        Assert.StartsWith(invariant, FirstFailure(HostFault.None, table), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(HostFault.LiesAboutReclaim), "I")]
    [InlineData(nameof(HostFault.AcknowledgesEarly), "I2")]
    [InlineData(nameof(HostFault.LaunchesEarly), "I")]
    [InlineData(nameof(HostFault.ForgetsRecords), "I")]
    [InlineData(nameof(HostFault.ReclaimKillsNothing), "")]
    [InlineData(nameof(HostFault.HidesDependencies), "order")]
    [InlineData(nameof(HostFault.HidesGroups), "group")]
    [InlineData(nameof(HostFault.ReversesFile), "group")]
    public void A_shell_that_breaks_its_word_is_noticed(string fault, string invariant) =>
        Assert.StartsWith(invariant, FirstFailure(Enum.Parse<HostFault>(fault), SlotTable.Default), StringComparison.Ordinal);

    private static string FirstFailure(HostFault fault, SlotTable table)
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            try
            {
                new Simulation(seed, fault: fault, table: table).Run(Steps);
            }
            catch (InvariantBrokenException broken)
            {
                return broken.Message;
            }
        }

        throw new InvariantBrokenException($"nothing noticed {fault} in {Seeds} seeds");
    }
}
