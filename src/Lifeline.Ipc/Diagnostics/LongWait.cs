namespace Lifeline.Ipc.Diagnostics;

/// <summary>A call that has waited long.</summary>
/// <param name="Stub">The stub, as its home numbers it.</param>
/// <param name="Code">The request.</param>
/// <param name="BegunAt">The tick at which it began.</param>
internal readonly record struct LongWait(ulong Stub, uint Code, int BegunAt);
