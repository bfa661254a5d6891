namespace Lifeline.Contracts;

/// <summary>A stretch of an answer about many services, from the service on that was asked for.</summary>
/// <typeparam name="T">What is told of each.</typeparam>
/// <param name="Services">In the order of the configuration. What does not fit into a parcel is asked for again.</param>
/// <param name="IsLast">No more follow.</param>
public sealed record ServicePage<T>(IReadOnlyList<T> Services, bool IsLast);
