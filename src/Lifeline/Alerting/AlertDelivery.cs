namespace Lifeline.Alerting;

/// <summary>How an alert fared, once it is settled.</summary>
/// <param name="Alert">Which.</param>
/// <param name="Id">Its number in the outbox.</param>
/// <param name="Delivered">True: the receiver took it; false: given up.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Error">The last error without secrets; null if there was none.</param>
internal sealed record AlertDelivery(Alert Alert, long Id, bool Delivered, int Attempts, string? Error);
