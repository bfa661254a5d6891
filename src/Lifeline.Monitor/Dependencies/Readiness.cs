using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// What slots mean to each other by <c>depends_on</c>, always by where they stand now and never by what once happened: whether one may
/// be launched, whether one may be asked to stop, and what an operator reads of it.
/// </summary>
internal static class Readiness
{
    /// <summary>Those that depend on it may start: it is ready, or it did what it was for and ended with success.</summary>
    public static bool IsReady(Slot slot) => slot.Phase is SlotPhase.Running or SlotPhase.Exited;

    /// <summary>Whether the slot may be launched as far as its dependencies go; remembers the first that it waits for.</summary>
    public static bool MayLaunch(Slot slot)
    {
        slot.WaitsFor = null;
        if (slot.Group is { IsInRound: true }) return false;
        if (slot.MissingDependency is not null) return false;
        foreach (var dependency in slot.DependsOn)
        {
            if (IsReady(dependency)) continue;
            slot.WaitsFor = dependency;
            return false;
        }

        return true;
    }

    /// <summary>
    /// It must end before what it depends on is asked to stop. One that cannot be ended, or not be cleaned up, is waited for no longer.
    /// </summary>
    public static bool HoldsUp(Slot dependent) => dependent.Phase is SlotPhase.Launching or SlotPhase.Starting or SlotPhase.Running
        or SlotPhase.Holding or SlotPhase.Stopping or SlotPhase.Killing or SlotPhase.Reclaiming;

    /// <summary>The first dependent that must end before this slot is asked to stop; null: none.</summary>
    public static Slot? FirstToEnd(Slot slot)
    {
        foreach (var dependent in slot.Dependents)
            if (HoldsUp(dependent)) return dependent;
        return null;
    }

    /// <summary>What an operator reads of a slot that is held back; null: it is not.</summary>
    public static string? Text(Slot slot) => slot.Phase switch
    {
        SlotPhase.Waiting when slot.MissingDependency is { } name => $"waits for {name}, which is not configured",
        SlotPhase.Waiting when slot.WaitsFor is { } dependency => $"waits for {dependency.Name}, which is {State(dependency)}",
        SlotPhase.Waiting when slot.Group is { } group => $"waits until the rest of the group {group.Spec.Name} has stopped",
        SlotPhase.Holding when slot.HeldBy is { } dependent => $"waits until {dependent.Name}, which depends on it, has stopped",
        _ => null,
    };

    private static string State(Slot dependency) => dependency.Trouble is { } because
        ? string.Create(CultureInfo.InvariantCulture, $"{JsonNames.Of(dependency.State)}: {because}")
        : JsonNames.Of(dependency.State);
}
