namespace Lifeline.Logs;

/// <summary>Output of a service that was dropped since the last report.</summary>
/// <param name="Service">The service.</param>
/// <param name="Generation">The generation that writes now.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Because">Why, for people.</param>
internal readonly record struct LogLoss(string Service, int Generation, long Bytes, string Because);
