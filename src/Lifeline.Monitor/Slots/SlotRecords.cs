using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>A slot as a saved record and back.</summary>
internal static class SlotRecords
{
    public static SlotRecord Save(Slot slot, string bootId) => new()
    {
        Service = slot.Key,
        Role = slot.Role,
        ReplaceAgain = slot.ReplaceAgain,
        ReplacementFailure = slot.ReplacementFailure,
        BootId = bootId,
        Phase = slot.Phase,
        Wanted = slot.Wanted,
        ShutDown = slot.ShutDown,
        Removed = slot.Removed,
        Generation = slot.Generation,
        DiedGeneration = slot.DiedGeneration,
        LaunchKey = slot.LaunchKey,
        Pid = slot.Pid,
        StartTicks = slot.StartTicks,
        ExecAt = slot.ExecAt,
        ReadyAt = slot.ReadyAt,
        StartedTime = slot.StartedTime,
        ReadyTime = slot.ReadyTime,
        HeartbeatTold = slot.HeartbeatTold,
        ReloadingSince = slot.ReloadingSince,
        TextBeforeReload = slot.ReloadingSince is null ? null : slot.TextBeforeReload,
        EndReason = slot.EndReason,
        EndReasonAt = slot.EndReasonAt,
        Kills = slot.Kills,
        Deadline = slot.Deadline,
        After = slot.After,
        RestartAt = slot.RestartAt,
        RestartCounts = slot.RestartCounts,
        RestartFollowsDeath = slot.RestartFollowsDeath,
        ReclaimAttempt = slot.ReclaimAttempt,
        DeathsInRow = slot.DeathsInRow,
        RestartTimes = [.. slot.RestartTimes],
        IsInRound = slot.IsInRound,
        FailsWithGroup = slot.FailsWithGroup,
        GroupTimes = slot.GroupTimes.Count == 0 ? [] : [.. slot.GroupTimes],
        FailedRetries = slot.FailedRetries,
        OnProbation = slot.OnProbation,
        FailedBecause = slot.FailedBecause,
        StuckBecause = slot.StuckBecause,
        Restarts = slot.Restarts,
        Health = slot.Status.RecordedHealth,
        ReportedHealth = slot.Status.ProbedHealth == ServiceHealth.Unknown ? null : slot.Status.ReportedHealth,
        ProbedHealth = slot.Status.ProbedHealth,
        Status = slot.Status.Recorded,
        LastDeath = slot.LastDeath,
        Claims = slot.Claims.Count == 0 ? [] : [.. slot.Claims],
        Found = slot.Found.Count == 0 ? [] : [.. slot.Found],
        Alerts = slot.Alerts.Count == 0 ? [] : [.. slot.Alerts],
    };

    /// <summary>Everything of the record, as it was. What a new boot or a new start makes void is the recovery's affair.</summary>
    public static void Restore(Slot slot, SlotRecord record, long now)
    {
        slot.Role = record.Role;
        slot.ReplaceAgain = record.ReplaceAgain;
        slot.ReplacementFailure = record.ReplacementFailure;
        slot.Phase = record.Phase;
        slot.Wanted = record.Wanted;
        slot.ShutDown = record.ShutDown;
        slot.Removed = record.Removed;
        slot.Generation = record.Generation;
        slot.DiedGeneration = record.DiedGeneration;
        slot.LaunchKey = record.LaunchKey;
        slot.Pid = record.Pid;
        slot.StartTicks = record.StartTicks;
        slot.ExecAt = record.ExecAt;
        slot.ReadyAt = record.ReadyAt;
        slot.StartedTime = record.StartedTime;
        slot.ReadyTime = record.ReadyTime;
        slot.HeartbeatTold = record.HeartbeatTold;
        slot.ReloadingSince = record.ReloadingSince;
        slot.IsReloadRecorded = record.ReloadingSince is not null;
        slot.TextBeforeReload = record.TextBeforeReload ?? "";
        slot.EndReason = record.EndReason;
        slot.EndReasonAt = record.EndReasonAt;
        slot.Kills = record.Kills;
        slot.Deadline = record.Deadline;
        slot.After = record.After;
        slot.RestartAt = record.RestartAt;
        slot.RestartCounts = record.RestartCounts;
        slot.RestartFollowsDeath = record.RestartFollowsDeath;
        slot.ReclaimAttempt = record.ReclaimAttempt;
        slot.DeathsInRow = record.DeathsInRow;
        slot.RestartTimes = new(record.RestartTimes);
        slot.IsInRound = record.IsInRound;
        slot.FailsWithGroup = record.FailsWithGroup;
        slot.GroupTimes = new(record.GroupTimes);
        slot.FailedRetries = record.FailedRetries;
        slot.OnProbation = record.OnProbation;
        slot.FailedBecause = record.FailedBecause;
        slot.StuckBecause = record.StuckBecause;
        slot.Restarts = record.Restarts;
        slot.LastDeath = record.LastDeath;
        slot.Claims.AddRange(record.Claims);
        slot.Found.AddRange(record.Found);
        slot.Alerts.AddRange(record.Alerts);
        slot.Status.Restore(record, now, slot.Spec.StatusEvents);
        slot.LiveProbe.Restore(record.ProbedHealth == ServiceHealth.Degraded ? ServiceHealth.Healthy : record.ProbedHealth);
        slot.ReadyProbe.Restore(record.ProbedHealth == ServiceHealth.Degraded ? ServiceHealth.Unhealthy : ServiceHealth.Unknown);
    }
}
