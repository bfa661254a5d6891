using Lifeline.Contracts;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lifeline.Client;

/// <summary>How a <see cref="StatusReporter"/> works. Read once, when it is made. What is null is taken from the environment that Lifeline gives to a service.</summary>
public sealed class StatusReporterOptions
{
    /// <summary>The path of the monitor's socket; null: <c>LIFELINE_SOCKET</c>. With neither, the reporter is silent.</summary>
    public string? SocketPath { get; set; }

    /// <summary>The service's name; null: <c>LIFELINE_SERVICE</c>.</summary>
    public string? Service { get; set; }

    /// <summary>The service's generation; null: <c>LIFELINE_GENERATION</c>.</summary>
    public int? Generation { get; set; }

    /// <summary>
    /// Whether signs of life are sent without being asked for where the monitor wants them; true by default.
    /// Turn it off to call <see cref="StatusReporter.Beat"/> by hand.
    /// </summary>
    public bool AutomaticBeats { get; set; } = true;

    /// <summary>
    /// Says whether the program is alive, before each automatic beat: only true lets the beat go out. It should do a little of what the
    /// program lives on, such as a turn of its event loop. Null, the default: a work item of the thread pool must run. It is called on the pool,
    /// never twice at once; the token is cancelled after a heartbeat interval.
    /// </summary>
    public Func<CancellationToken, ValueTask<bool>>? LivenessCheck { get; set; }

    /// <summary>The first pause before connecting again; 20 ms by default. Each failure doubles it.</summary>
    public TimeSpan InitialRetry { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest pause before connecting again; 1 s by default.</summary>
    public TimeSpan MaxRetry { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Timers; the system's by default.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where troubles are told; nowhere by default.</summary>
    public ILogger Logger { get; set; } = NullLogger.Instance;

    internal StatusReporterOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        ArgumentNullException.ThrowIfNull(Logger);
        if (InitialRetry <= TimeSpan.Zero || InitialRetry > MaxRetry)
            throw new ArgumentOutOfRangeException(nameof(InitialRetry), InitialRetry, $"{nameof(InitialRetry)} must be above zero and not above {nameof(MaxRetry)} ({MaxRetry}).");
        if (Service is { } name && System.Text.Encoding.UTF8.GetByteCount(name) > CallLimits.MaxNameBytes)
            throw new ArgumentOutOfRangeException(nameof(Service), name, $"The name of a service has at most {CallLimits.MaxNameBytes} bytes.");
        return (StatusReporterOptions)MemberwiseClone();
    }
}
