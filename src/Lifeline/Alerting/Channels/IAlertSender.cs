namespace Lifeline.Alerting;

/// <summary>Carries alerts to one kind of receiver. One delivery at a time.</summary>
internal interface IAlertSender : IDisposable
{
    /// <summary>Tries once, within its own time limit; throws only when cancelled.</summary>
    Task<DeliveryAttempt> SendAsync(AlertMessage message, CancellationToken cancellation);
}
