namespace Lifeline.Monitor;

/// <summary>What was decided at a death for the time when it is cleaned up. An order in between changes it.</summary>
public enum AfterReclaim
{
    /// <summary>Start again, when the backoff is over.</summary>
    Restart,

    /// <summary>Failed.</summary>
    Fail,

    /// <summary>Exited.</summary>
    Exit,

    /// <summary>Stopped.</summary>
    Stop,
}
