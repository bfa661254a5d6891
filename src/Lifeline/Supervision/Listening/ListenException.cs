namespace Lifeline.Supervision;

/// <summary>A listening socket of a service cannot be made: which, why, and who has its address if that can be found out.</summary>
internal sealed class ListenException(string message, Exception? inner = null) : IOException(message, inner);
