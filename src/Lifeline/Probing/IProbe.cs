namespace Lifeline.Probing;

/// <summary>One way to ask a service. Safe for any thread.</summary>
internal interface IProbe
{
    /// <summary>Asks once. An <see cref="OperationCanceledException"/> when it is broken off or its time is over; nothing else is expected.</summary>
    /// <param name="timeout">Its time is over.</param>
    /// <param name="stop">Nobody wants to know any more.</param>
    Task<ProbeOutcome> AskAsync(CancellationToken timeout, CancellationToken stop);
}
