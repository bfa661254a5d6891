namespace Lifeline.Logs;

/// <summary>What happened to the output of a service since the monitor started.</summary>
/// <param name="Kept">Bytes written to files.</param>
/// <param name="Lost">Bytes thrown away because the disk failed.</param>
/// <param name="Failures">Writes that failed.</param>
/// <param name="Rotations">Files that were rotated.</param>
/// <param name="Cuts">Lines that were cut: by a rotation, or because another generation had waited for its turn.</param>
/// <param name="LastError">The last failure; null when it is over.</param>
internal readonly record struct LogCounters(long Kept, long Lost, long Failures, long Rotations, long Cuts, string? LastError);
