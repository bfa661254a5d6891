namespace Lifeline.Monitor;

/// <summary>What makes a started service count as ready.</summary>
public enum ReadyWhen
{
    /// <summary>The exec of its program.</summary>
    Exec,

    /// <summary>A word from the service: READY=1, or its first report of health healthy or degraded that does not say "not yet".</summary>
    Status,

    /// <summary>A probe that finds it ready.</summary>
    Probe,
}
