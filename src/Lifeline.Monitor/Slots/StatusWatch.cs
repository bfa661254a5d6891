using Lifeline.Contracts;

namespace Lifeline.Monitor;

/// <summary>
/// What a service says of itself, and how much of it becomes events: every change of health up to a burst, changes of code, text
/// and fields at most once per spacing. What is held back is replaced by what comes later, never lost.
/// </summary>
internal sealed class StatusWatch
{
    private long? _statusRecordedAt;
    private long _healthWindowEnds;
    private int _healthEvents;

    /// <summary>The latest report of this generation.</summary>
    public StatusReport? Latest { get; private set; }

    public long LatestAt { get; private set; }

    /// <summary>The latest report that was recorded as an event.</summary>
    public StatusReport? Recorded { get; private set; }

    /// <summary>Health as it is now: the worse of what it says of itself and what its probes find.</summary>
    public ServiceHealth Health => ReportedHealth > ProbedHealth ? ReportedHealth : ProbedHealth;

    /// <summary>What it says of itself.</summary>
    public ServiceHealth ReportedHealth { get; private set; }

    /// <summary>What its probes find.</summary>
    public ServiceHealth ProbedHealth { get; private set; }

    /// <summary>Health as last recorded.</summary>
    public ServiceHealth RecordedHealth { get; private set; }

    /// <summary>When what is held back may be recorded; null: nothing is.</summary>
    public long? HeldBackUntil => (HealthHeldBack, StatusHeldBack) switch
    {
        (true, true) => Math.Min(_healthWindowEnds, StatusAllowedAt),
        (true, false) => _healthWindowEnds,
        (false, true) => StatusAllowedAt,
        _ => null,
    };

    private bool HealthHeldBack => Health != RecordedHealth;

    private bool StatusHeldBack => Latest is { } latest && !SameText(latest, Recorded);

    private long StatusAllowedAt => _statusRecordedAt is { } at ? at + Spacing : 0;

    private long Spacing { get; set; }

    /// <summary>Takes a report; false if a later one is already here.</summary>
    public bool Take(StatusReport report, long now, TimeSpan spacing)
    {
        if (Latest is { } latest && report.Sequence < latest.Sequence && report.AtNanoseconds < latest.AtNanoseconds)
            return false;
        Latest = report;
        LatestAt = now;
        Spacing = Monotonic.Nanoseconds(spacing);
        return true;
    }

    public void SetHealth(ServiceHealth health) => ReportedHealth = health;

    public void SetProbed(ServiceHealth health) => ProbedHealth = health;

    /// <summary>Whether a change of health is to be recorded now; counts it if so.</summary>
    public bool TryRecordHealth(long now, int burst, out ServiceHealth from)
    {
        from = RecordedHealth;
        if (!HealthHeldBack) return false;
        if (now >= _healthWindowEnds)
        {
            _healthWindowEnds = now + Spacing;
            _healthEvents = 0;
        }

        if (_healthEvents >= burst) return false;
        _healthEvents++;
        RecordedHealth = Health;
        return true;
    }

    /// <summary>Whether the latest code, text and fields are to be recorded now; counts it if so.</summary>
    public bool TryRecordStatus(long now, bool evenIfEarly = false)
    {
        if (!StatusHeldBack || (now < StatusAllowedAt && !evenIfEarly)) return false;
        _statusRecordedAt = now;
        Recorded = Latest;
        return true;
    }

    /// <summary>The generation died: its last words stay, its health is unknown.</summary>
    public void Die()
    {
        ReportedHealth = ProbedHealth = ServiceHealth.Unknown;
        RecordedHealth = ServiceHealth.Unknown;
    }

    /// <summary>A new generation has said nothing yet. The spacing of events goes on.</summary>
    public void Reset()
    {
        Die();
        Latest = null;
        Recorded = null;
    }

    public void Restore(SlotRecord record, long now, TimeSpan spacing)
    {
        Latest = record.Status;
        LatestAt = now;
        Recorded = record.Status;
        ReportedHealth = record.ReportedHealth ?? record.Health;
        ProbedHealth = record.ProbedHealth;
        RecordedHealth = record.Health;
        Spacing = Monotonic.Nanoseconds(spacing);
    }

    private static bool SameText(StatusReport report, StatusReport? recorded)
    {
        if (recorded is null) return report.Code == 0 && report.Text.Length == 0 && report.Fields.Count == 0;
        return ReferenceEquals(report, recorded)
            || report.HasSameContent(recorded with { Health = report.Health, Ready = report.Ready });
    }
}
