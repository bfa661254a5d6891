namespace Lifeline.Ipc;

/// <summary>A name that is free again.</summary>
/// <param name="Name">The name.</param>
/// <param name="Holder">The process that had added it.</param>
/// <param name="Reason">Why, for people.</param>
public sealed record RegistryRemoval(string Name, CallerIdentity Holder, string Reason);
