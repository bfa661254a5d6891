namespace Lifeline.Contracts;

/// <summary>The monitor's answer to a registration.</summary>
/// <param name="Service">The service that the caller is; null if it belongs to none, and then only its status is taken for its own name.</param>
/// <param name="Generation">The generation that the caller belongs to; 0 if it belongs to none.</param>
/// <param name="HeartbeatInterval">How long the monitor waits for a sign of life before it takes the service for hung; null if it does not.</param>
public sealed record RegistrationResult(string? Service, int Generation, TimeSpan? HeartbeatInterval);
