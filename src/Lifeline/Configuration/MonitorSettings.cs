namespace Lifeline.Configuration;

/// <summary>The table [monitor].</summary>
internal sealed record MonitorSettings
{
    /// <summary>How long the stop of everything may take before what is left is killed.</summary>
    public required TimeSpan ShutdownTimeout { get; init; }

    /// <summary>User ids that may give orders, beside root and the monitor's own user.</summary>
    public required IReadOnlyList<uint> AllowUsers { get; init; }

    /// <summary>The keeper's process name.</summary>
    public required string PresentAs { get; init; }

    /// <summary>Events older than this are deleted.</summary>
    public TimeSpan JournalMaxAge { get; init; } = TimeSpan.FromDays(30);

    /// <summary>What the journal may hold before the oldest events are deleted.</summary>
    public long JournalMaxSize { get; init; } = 256L << 20;

    /// <summary>Null: off.</summary>
    public HttpSettings? Http { get; init; }

    /// <summary>Null: metrics are not sent anywhere.</summary>
    public OtlpSettings? Otlp { get; init; }

    /// <summary>The service with whose end Lifeline ends, and whose exit code it takes; null: none.</summary>
    public string? ExitWith { get; init; }
}
