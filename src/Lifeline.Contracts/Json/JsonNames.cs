using System.Collections.Frozen;

namespace Lifeline.Contracts;

/// <summary>How states, reasons and kinds are spelled in JSON, in events and on the command line. Both ways; thread-safe.</summary>
public static class JsonNames
{
    private static readonly Names<ServiceState> States = new(
        (ServiceState.Stopped, "stopped"), (ServiceState.Waiting, "waiting"), (ServiceState.Starting, "starting"),
        (ServiceState.Running, "running"), (ServiceState.Stopping, "stopping"), (ServiceState.Backoff, "backoff"),
        (ServiceState.Failed, "failed"), (ServiceState.Exited, "exited"));

    private static readonly Names<ServiceHealth> Healths = new(
        (ServiceHealth.Unknown, "unknown"), (ServiceHealth.Healthy, "healthy"),
        (ServiceHealth.Degraded, "degraded"), (ServiceHealth.Unhealthy, "unhealthy"));

    private static readonly Names<DeathReason> Reasons = new(
        (DeathReason.Exited, "exited"), (DeathReason.Signaled, "signaled"), (DeathReason.Hung, "hung"), (DeathReason.Probe, "probe"),
        (DeathReason.MemoryLimit, "memory_limit"), (DeathReason.StartTimeout, "start_timeout"),
        (DeathReason.ExecFailed, "exec_failed"), (DeathReason.Stopped, "stopped"), (DeathReason.Lost, "lost"),
        (DeathReason.ProcessLimit, "process_limit"));

    private static readonly Names<ReclaimKind> ReclaimKinds = new(
        (ReclaimKind.Process, "process"), (ReclaimKind.Name, "name"), (ReclaimKind.Session, "session"), (ReclaimKind.Claim, "claim"),
        (ReclaimKind.Path, "path"), (ReclaimKind.SysVShm, "sysv_shm"), (ReclaimKind.SysVSem, "sysv_sem"),
        (ReclaimKind.SysVMsg, "sysv_msg"), (ReclaimKind.Command, "command"), (ReclaimKind.Port, "port"));

    private static readonly Names<ReclaimOutcome> Outcomes = new(
        (ReclaimOutcome.Killed, "killed"), (ReclaimOutcome.Removed, "removed"), (ReclaimOutcome.Absent, "absent"),
        (ReclaimOutcome.Kept, "kept"), (ReclaimOutcome.Failed, "failed"));

    private static readonly Names<ClaimKind> ClaimKinds = new(
        (ClaimKind.Path, "path"), (ClaimKind.SysVShm, "sysv_shm"), (ClaimKind.SysVSem, "sysv_sem"), (ClaimKind.SysVMsg, "sysv_msg"));

    private static readonly Names<LogStream> Streams = new((LogStream.StandardOutput, "stdout"), (LogStream.StandardError, "stderr"));

    /// <summary>The spelling of a state, as <c>running</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state.</exception>
    public static string Of(ServiceState value) => States.Of(value);

    /// <summary>The spelling of a health, as <c>healthy</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such health.</exception>
    public static string Of(ServiceHealth value) => Healths.Of(value);

    /// <summary>The spelling of a death reason, as <c>exec_failed</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such reason.</exception>
    public static string Of(DeathReason value) => Reasons.Of(value);

    /// <summary>The spelling of a kind of reclaimed thing, as <c>sysv_shm</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static string Of(ReclaimKind value) => ReclaimKinds.Of(value);

    /// <summary>The spelling of an outcome, as <c>removed</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such outcome.</exception>
    public static string Of(ReclaimOutcome value) => Outcomes.Of(value);

    /// <summary>The spelling of a kind of claim, as <c>path</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static string Of(ClaimKind value) => ClaimKinds.Of(value);

    /// <summary>The spelling of a log stream, as <c>stdout</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stream.</exception>
    public static string Of(LogStream value) => Streams.Of(value);

    /// <summary>Reads a state; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out ServiceState value) => States.TryParse(text, out value);

    /// <summary>Reads a health; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out ServiceHealth value) => Healths.TryParse(text, out value);

    /// <summary>Reads a death reason; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out DeathReason value) => Reasons.TryParse(text, out value);

    /// <summary>Reads a kind of reclaimed thing; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out ReclaimKind value) => ReclaimKinds.TryParse(text, out value);

    /// <summary>Reads an outcome; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out ReclaimOutcome value) => Outcomes.TryParse(text, out value);

    /// <summary>Reads a kind of claim; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out ClaimKind value) => ClaimKinds.TryParse(text, out value);

    /// <summary>Reads a log stream; only the exact spelling is taken.</summary>
    public static bool TryParse(string? text, out LogStream value) => Streams.TryParse(text, out value);

    private sealed class Names<T> where T : struct, Enum
    {
        private readonly FrozenDictionary<T, string> _spellings;
        private readonly FrozenDictionary<string, T> _values;

        public Names(params ReadOnlySpan<(T Value, string Spelling)> pairs)
        {
            var spellings = new Dictionary<T, string>();
            var values = new Dictionary<string, T>(StringComparer.Ordinal);
            foreach (var (value, spelling) in pairs)
            {
                spellings.Add(value, spelling);
                values.Add(spelling, value);
            }

            _spellings = spellings.ToFrozenDictionary();
            _values = values.ToFrozenDictionary(StringComparer.Ordinal);
        }

        public string Of(T value) => _spellings.TryGetValue(value, out var spelling)
            ? spelling
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"There is no such {typeof(T).Name}.");

        public bool TryParse(string? text, out T value)
        {
            value = default;
            return text is not null && _values.TryGetValue(text, out value);
        }
    }
}
