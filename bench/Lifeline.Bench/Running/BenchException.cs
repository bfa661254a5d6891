namespace Lifeline.Bench.Running;

/// <summary>A contender or a workload cannot go on; the message says what to the one who runs the bench.</summary>
internal sealed class BenchException(string message) : Exception(message);
