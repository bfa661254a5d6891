using System.Globalization;
using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>A slot as people and the shell see it.</summary>
internal static class SlotViews
{
    /// <summary>Most names of dependencies in a snapshot; the rest is left out.</summary>
    public const int MaxDependencies = 64;

    private const int NanosecondsPerMicrosecond = 1000;

    public static SlotView View(Slot slot) => new(slot.Key, slot.Phase, slot.State, slot.Generation, slot.Wanted)
    {
        Role = slot.Role,
        Status = slot.Status.Latest,
        Claimed = slot.Claims.Count == 0 ? [] : [.. slot.Claims],
        Pid = slot.Pid,
        StartTicks = slot.StartTicks,
        Deadline = slot.Deadline,
        ReportedHealth = slot.Status.ReportedHealth,
        Sessions = slot.Sessions.Count,
        Claims = slot.Claims.Count,
        FailedBecause = slot.Trouble,
        WaitsFor = slot.Phase == SlotPhase.Waiting ? slot.MissingDependency ?? slot.WaitsFor?.Name : null,
        Because = Because(slot),
        Alerts = [.. slot.Alerts.Where(alert => alert.Open)],
    };

    public static ServiceSnapshot Snapshot(Slot slot, Turn turn) => new()
    {
        Name = slot.Name,
        State = slot.State,
        Health = slot.Status.Health,
        Pid = slot.Pid,
        Generation = slot.Generation,
        Restarts = slot.Restarts,
        Because = Because(slot),
        Dying = slot is { IsDying: true, DyingToldAt: null, IsAlive: true },
        Replacing = slot.Twin is { IsSettled: false } twin ? Replacement(twin) : null,
        StartedAt = slot.StartedTime,
        ReadyAt = slot.ReadyTime,
        Status = slot.Status.Latest is { } report ? Status(slot, report, turn) : null,
        LastDeath = Newest(slot.LastDeath, slot.Twin?.LastDeath) is { } death ? Death(death) : null,
        Group = slot.Spec.Group,
        DependsOn = Families(slot.Spec.DependsOn),
    };

    public static ServiceOutline Outline(Slot slot) => new()
    {
        Name = slot.Name,
        State = slot.State,
        Health = slot.Status.Health,
        Pid = slot.Pid,
        Generation = slot.Generation,
        DependsOn = Families(slot.Spec.DependsOn),
    };

    /// <summary>What happens next by itself; null: nothing.</summary>
    public static SnapshotDue? Due(Slot slot, Turn turn)
    {
        var silent = slot.Heartbeat.Limit;
        if (slot.Deadline is { } deadline && (silent is null || deadline <= silent))
            return new SnapshotDue { At = turn.TimeToCome(deadline), What = WordFor(slot.Phase) };
        return silent is { } limit ? new SnapshotDue { At = turn.TimeToCome(limit), What = "hung" } : null;
    }

    private static string WordFor(SlotPhase phase) => phase switch
    {
        SlotPhase.Launching => "launch_timeout",
        SlotPhase.Starting => "ready_timeout",
        SlotPhase.Backoff => "restart",
        SlotPhase.Failed => "retry",
        SlotPhase.Killing or SlotPhase.Unkillable => "kill",
        SlotPhase.Reclaiming => "reclaim_timeout",
        SlotPhase.ReclaimFailed => "reclaim",
        _ => "stop_timeout",
    };

    private static string? Because(Slot slot) => slot.Trouble ?? Readiness.Text(slot) ?? ReplacementText(slot);

    private static string? ReplacementText(Slot slot) => slot.Twin switch
    {
        { Role: SlotRole.Incoming } next => string.Create(CultureInfo.InvariantCulture, $"replacing: generation {next.Generation} is {JsonNames.Of(next.State)}"),
        { IsSettled: false } old when slot.IsAlive => string.Create(CultureInfo.InvariantCulture, $"replacing: generation {old.Generation} is {JsonNames.Of(old.State)}"),
        _ => slot.ReplacementFailure,
    };

    private static SnapshotReplacement Replacement(Slot other) => new()
    {
        Generation = other.Generation,
        Pid = other.Pid,
        State = other.State,
        IsIncoming = other.Role == SlotRole.Incoming,
        StartedAt = other.StartedTime,
    };

    private static DeathRecord? Newest(DeathRecord? one, DeathRecord? other) => one is null || other?.Generation > one.Generation ? other : one;

    // The time is the reporter's word: it cannot be later than our receipt of it.
    private static SnapshotStatus Status(Slot slot, StatusReport report, Turn turn) => new()
    {
        Code = report.Code,
        Text = report.Text,
        Sequence = report.Sequence,
        At = turn.TimeOf(report.AtNanoseconds > 0 ? Math.Min(report.AtNanoseconds, slot.Status.LatestAt) : slot.Status.LatestAt),
        Fields = report.Fields,
    };

    private static SnapshotDeath Death(DeathRecord death) => new()
    {
        At = death.At,
        Reason = death.Reason,
        Signal = death.Signal,
        ExitCode = death.ExitCode,
        DetectUs = death.DetectNanoseconds / NanosecondsPerMicrosecond,
        ReclaimUs = death.ReclaimNanoseconds / NanosecondsPerMicrosecond,
        RestartUs = death.RestartNanoseconds / NanosecondsPerMicrosecond,
        Reclaimed = death.Reclaimed,
    };

    // "orders.1" to "orders.9" are one name for people.
    private static string[]? Families(IReadOnlyList<string> slots) => slots.Count == 0
        ? null
        : [.. slots.Select(name => name.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? name[..dot] : name).Distinct().Take(MaxDependencies)];
}
