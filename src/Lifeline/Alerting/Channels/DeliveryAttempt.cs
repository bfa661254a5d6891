namespace Lifeline.Alerting;

/// <summary>The outcome of one attempt.</summary>
/// <param name="Delivered">The receiver took it.</param>
/// <param name="Error">Why not, without secrets.</param>
/// <param name="Final">Trying again is useless.</param>
/// <param name="RetryAfter">The receiver asked for this much patience.</param>
internal readonly record struct DeliveryAttempt(bool Delivered, string? Error, bool Final, TimeSpan? RetryAfter)
{
    /// <summary>What the receiver said when it took it.</summary>
    public string? Answer { get; init; }

    public static DeliveryAttempt Done(string answer) => new(true, null, false, null) { Answer = answer };

    public static DeliveryAttempt Retry(string error, TimeSpan? after = null) => new(false, error, false, after);

    public static DeliveryAttempt GiveUp(string error) => new(false, error, true, null);
}
