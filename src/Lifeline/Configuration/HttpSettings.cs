namespace Lifeline.Configuration;

/// <summary>Where the dashboard and the API listen.</summary>
/// <param name="Address">An IP address.</param>
/// <param name="Port">0: a free one.</param>
/// <param name="IsDefault">Nobody wrote it: another port may be taken if this one is busy.</param>
internal sealed record HttpSettings(string Address, int Port, bool IsDefault);
