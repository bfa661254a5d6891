namespace Lifeline.Contracts;

/// <summary>What was read from a status slot.</summary>
/// <param name="Report">The last status.</param>
/// <param name="Generation">The generation its writer believed to be of; 0 if it did not know. Only a hint: the writer's process decides.</param>
public sealed record StatusSlotReading(StatusReport Report, int Generation);
