using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>What follows a death that nobody asked for: the arithmetic of restart, backoff, budget and slow retry.</summary>
internal static class RestartPolicy
{
    /// <summary>The longest wait between two slow retries, unless <c>failed_retry</c> itself is longer.</summary>
    public static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    public static void Decide(Slot slot, DeathReason reason, int? exitCode, long exitAt, Turn turn)
    {
        var spec = slot.Spec;
        if (slot.ReadyAt is { } readyAt && exitAt - readyAt >= Monotonic.Nanoseconds(spec.Backoff.ResetAfter))
            ForgetDeaths(slot);
        var succeeded = reason == DeathReason.Exited && exitCode is { } code && spec.SuccessExitCodes.Contains(code);
        if (succeeded && spec.Restart != RestartWhen.Always)
            slot.After = AfterReclaim.Exit;
        else if (spec.Restart == RestartWhen.Never)
            Fail(slot, "restart = \"never\"");
        else if (slot.Group is { } group)
            GroupPolicy.Decide(slot, group, turn);
        else if (slot.OnProbation)
            Fail(slot, "it died again after a slow retry (failed_retry)");
        else if (!TrySpendRestart(slot, turn.Now))
            Fail(slot, $"{MoreThan(spec.MaxRestarts)} within {Seconds(spec.RestartWindow)} (max_restarts, restart_window)");
        else
            RestartAfterBackoff(slot, turn);
    }

    /// <summary>How long the slot stays failed before it is tried again; null: for ever.</summary>
    public static TimeSpan? RetryDelay(ServiceSpec spec, int retries)
    {
        if (spec.Restart == RestartWhen.Never || spec.FailedRetry is not { } first) return null;
        var longest = first > LongestRetry ? first : LongestRetry;
        var delay = first.TotalMilliseconds * Math.Pow(2, Math.Min(retries, 62));
        return delay >= longest.TotalMilliseconds ? longest : TimeSpan.FromMilliseconds(delay);
    }

    /// <summary>The delay of a restart after so many deaths in a row before this one; the first is immediate.</summary>
    public static long DelayNanoseconds(BackoffSpec backoff, int deathsBefore, Jitter jitter)
    {
        if (deathsBefore == 0) return 0;
        double max = Monotonic.Nanoseconds(backoff.Max);
        var middle = Monotonic.Nanoseconds(backoff.Initial) * Math.Pow(Math.Max(1, backoff.Factor), deathsBefore - 1);
        if (!(middle > 0)) return 0;
        var share = Math.Clamp(backoff.Jitter, 0, 1);
        var most = Math.Min(middle * (1 + share), max);
        var least = most * (1 - share) / (1 + share);
        return (long)(least + ((most - least) * jitter.Next()));
    }

    /// <summary>An order of a person begins everything anew.</summary>
    public static void StartAnew(Slot slot)
    {
        ForgetDeaths(slot);
        slot.RestartTimes.Clear();
        slot.GroupTimes.Clear();
        slot.Group?.RestartTimes.Clear();
        slot.RestartCounts = false;
    }

    private static void ForgetDeaths(Slot slot)
    {
        slot.DeathsInRow = 0;
        slot.FailedRetries = 0;
        slot.OnProbation = false;
    }

    private static void Fail(Slot slot, string because)
    {
        slot.After = AfterReclaim.Fail;
        slot.FailedBecause = $"{Ending.Text(slot.LastDeath!)}; {because}";
    }

    private static bool TrySpendRestart(Slot slot, long now)
    {
        if (slot.Spec.MaxRestarts > ServiceSpec.MaxRestartBudget)
        {
            slot.RestartTimes.Clear();
            return true;
        }

        var window = Monotonic.Nanoseconds(slot.Spec.RestartWindow);
        while (slot.RestartTimes.TryPeek(out var oldest) && now - oldest >= window)
            slot.RestartTimes.Dequeue();
        if (slot.RestartTimes.Count >= slot.Spec.MaxRestarts) return false;
        slot.RestartTimes.Enqueue(now);
        return true;
    }

    /// <summary>Starts it again after the delay that its deaths in a row make.</summary>
    public static void RestartAfterBackoff(Slot slot, Turn turn)
    {
        slot.After = AfterReclaim.Restart;
        slot.RestartAt = turn.Now + DelayNanoseconds(slot.Spec.Backoff, slot.DeathsInRow, turn.Jitter);
        slot.RestartCounts = true;
        if (slot.DeathsInRow < int.MaxValue) slot.DeathsInRow++;
    }

    /// <summary>"more than 5 restarts".</summary>
    public static string MoreThan(int restarts) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"more than {restarts} {(restarts == 1 ? "restart" : "restarts")}");

    private static string Seconds(TimeSpan duration) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###} s");
}
